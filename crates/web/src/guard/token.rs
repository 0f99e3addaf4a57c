//! The token that stands for the operator where the kernel does not say who comes. A file has its
//! Argon2id hash (RFC 9106) in the PHC string format; the token itself is nowhere.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// The hash of a token.
#[derive(Debug)]
pub struct Token {
    hash: String,
    /// Tokens that were found right, and sessions that began with one, under a hash that nobody
    /// else knows the key of: Argon2 is slow on purpose.
    known: Mutex<HashSet<u64>>,
    key: RandomState,
}

impl Token {
    /// Makes a token: what to tell to whoever is to come in, and the line to keep in a file.
    ///
    /// # Errors
    /// [`TokenError::NoRandomness`] where the system has none.
    pub fn make() -> Result<(String, String), TokenError> {
        let secret = super::secret().ok_or(TokenError::NoRandomness)?;
        let hash = Argon2::default().hash_password(secret.as_bytes());
        let hash = hash.map_err(|_| TokenError::NoRandomness)?;
        Ok((secret, hash.to_string()))
    }

    /// The token whose hash is in the file at `path`.
    ///
    /// # Errors
    /// [`TokenError`] if there is none.
    pub fn read(path: &Path) -> Result<Token, TokenError> {
        let text = fs::read_to_string(path)
            .map_err(|source| TokenError::Unread { path: path.to_owned(), source })?;
        Token::parse(&text).ok_or_else(|| TokenError::NoHash { path: path.to_owned() })
    }

    /// The token with the hash in `text`.
    fn parse(text: &str) -> Option<Token> {
        let hash = text.trim().to_owned();
        PasswordHash::new(&hash).ok()?;
        Some(Token { hash, known: Mutex::default(), key: RandomState::new() })
    }

    /// Whether `secret` is the token. Takes some 20 ms unless it was found right before: call it
    /// where that is allowed.
    pub(super) fn is(&self, secret: &str) -> bool {
        if self.knows(secret) {
            return true;
        }
        let hash = PasswordHash::new(&self.hash).expect("it was read before");
        let right = Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok();
        if right {
            self.admit(secret);
        }
        right
    }

    /// Whether `word` was found right, or stands for a session.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.known().contains(&self.key.hash_one(word))
    }

    /// Lets `word` in from now on.
    pub(super) fn admit(&self, word: &str) {
        let mut known = self.known();
        if known.len() >= SESSIONS {
            known.clear();
        }
        known.insert(self.key.hash_one(word));
    }

    /// Lets `word` in no more.
    pub(super) fn dismiss(&self, word: &str) {
        self.known().remove(&self.key.hash_one(word));
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The file cannot be read.
    #[error("the token's hash could not be read from {}", path.display())]
    Unread {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no hash in the file.
    #[error("there is no Argon2 hash in {}: make one with portolan serve --make-token", path.display())]
    NoHash {
        /// Which one.
        path: PathBuf,
    },
    /// The system has no random numbers to give.
    #[error("the system gave no random numbers")]
    NoRandomness,
}

/// So many are signed in; then everybody has to sign in again.
const SESSIONS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_alone() {
        let (secret, line) = Token::make().unwrap();
        assert!(line.starts_with("$argon2id$") && !line.contains(&secret), "{line}");
        let token = Token::parse(&line).unwrap();
        assert!(!token.is("something else") && !token.knows(&secret));
        assert!(token.is(&secret) && token.knows(&secret));
        token.dismiss(&secret);
        assert!(!token.knows(&secret));
        assert!(Token::parse("secret").is_none() && Token::parse("").is_none());
    }
}

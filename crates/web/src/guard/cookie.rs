//! Cookies (RFC 6265), and the random words in them.

/// The value of the cookie called `name` in a `Cookie` header.
pub(crate) fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(it, _)| *it == name)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!value.is_empty() && value.chars().all(is_plain)).then_some(value)
}

/// A word of 128 random bits that nobody guesses; `None` where the system has none to give.
pub(crate) fn secret() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_name() {
        let header = "theme=dark; portolan_browser=00ff; x=a=b; odd";
        assert_eq!(cookie(header, "portolan_browser"), Some("00ff"));
        assert_eq!(cookie(header, "browser"), None);
        assert_eq!(cookie(header, "x"), None);
        assert_eq!(cookie("", "x"), None);
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert!(one.len() == 32 && one != other);
    }
}

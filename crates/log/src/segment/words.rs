//! The words that segments have for what the code has enums for.

use registry::Proto;
use sockets::{Ending, Evidence, Family, Role};

/// Something with a word of its own.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// Each with its word.
    const WORDS: &'static [(Self, &'static str)];

    /// Its place in [`Self::WORDS`].
    fn code(self) -> u32;

    /// What a word stands for.
    fn of(word: &[u8]) -> Option<Self> {
        Self::WORDS.iter().find(|(_, text)| text.as_bytes() == word).map(|(value, _)| *value)
    }
}

impl Word for Proto {
    const WORDS: &'static [(Proto, &'static str)] =
        &[(Proto::Tcp, "tcp"), (Proto::Udp, "udp"), (Proto::Sctp, "sctp"), (Proto::Dccp, "dccp")];

    fn code(self) -> u32 {
        match self {
            Proto::Tcp => 0,
            Proto::Udp => 1,
            Proto::Sctp => 2,
            Proto::Dccp => 3,
        }
    }
}

impl Word for Family {
    const WORDS: &'static [(Family, &'static str)] = &[(Family::V4, "ipv4"), (Family::V6, "ipv6")];

    fn code(self) -> u32 {
        u32::from(self == Family::V6)
    }
}

impl Word for Role {
    const WORDS: &'static [(Role, &'static str)] = &[
        (Role::Bound, "bound"),
        (Role::Listening, "listening"),
        (Role::Outgoing, "outgoing"),
        (Role::Incoming, "incoming"),
    ];

    fn code(self) -> u32 {
        self as u32
    }
}

impl Word for Ending {
    const WORDS: &'static [(Ending, &'static str)] = &[
        (Ending::Closed, "closed"),
        (Ending::TimeWait, "time-wait"),
        (Ending::Aborted, "aborted"),
        (Ending::Reset, "reset"),
        (Ending::Refused, "refused"),
        (Ending::TimedOut, "timed-out"),
        (Ending::Failed, "failed"),
        (Ending::Unseen, "unseen"),
        (Ending::FinWait, "fin-wait"),
        (Ending::FinWaitBriefly, "fin-wait-briefly"),
    ];

    fn code(self) -> u32 {
        self as u32
    }
}

impl Word for Evidence {
    const WORDS: &'static [(Evidence, &'static str)] = &[
        (Evidence::Exact, "exact"),
        (Evidence::OpenAtStart, "open-at-start"),
        (Evidence::Sampled, "sampled"),
    ];

    fn code(self) -> u32 {
        self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<W: Word + std::fmt::Debug>() {
        for (at, (value, word)) in W::WORDS.iter().enumerate() {
            assert_eq!(value.code() as usize, at);
            assert_eq!(W::of(word.as_bytes()), Some(*value));
        }
    }

    #[test]
    fn codes_are_places_and_words_lead_back() {
        check::<Proto>();
        check::<Family>();
        check::<Role>();
        check::<Ending>();
        check::<Evidence>();
    }
}

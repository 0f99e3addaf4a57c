//! Messages of any bytes: what can be read says the same when it is written again.

use super::Encoded;
use crate::{Answer, Change, Question, Status, Tenure};

pub(crate) fn message(bytes: &[u8]) {
    again::<Question>(bytes);
    again::<Answer>(bytes);
    again::<Change>(bytes);
    again::<Status>(bytes);
    again::<Vec<(u64, Tenure)>>(bytes);
}

fn again<T: Encoded + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = T::decode(bytes) {
        let decoded = T::decode(&value.encode());
        assert!(decoded.is_ok_and(|decoded| decoded == value), "{value:?}");
    }
}

//! Netlink messages as bytes: the headers of `linux/netlink.h`, iterated without copying.
//!
//! Numbers are in host order; everything is padded to four bytes. Damaged input ends an iteration
//! early, it never panics.

/// A netlink message of a datagram that the kernel sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) seq: u32,
    pub(super) payload: &'a [u8],
}

impl Message<'_> {
    /// The error number a message of kind [`ERROR`] or [`DONE`] carries; 0 where all went well.
    pub(super) fn errno(&self) -> i32 {
        let raw = self.payload.first_chunk().map_or(0, |raw| i32::from_ne_bytes(*raw));
        raw.checked_neg().unwrap_or(i32::MAX)
    }
}

/// The messages of one datagram, in order.
pub(super) fn messages(datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let header: &[u8; HEADER_LEN] = rest.first_chunk()?;
        let len = u32_at::<LENGTH>(header) as usize;
        let payload = rest.get(HEADER_LEN..len)?;
        rest = rest.get(aligned(len)..).unwrap_or_default();
        Some(Message {
            kind: u16_at::<KIND>(header),
            flags: u16_at::<FLAGS>(header),
            seq: u32_at::<SEQ>(header),
            payload,
        })
    })
}

/// The attributes in `bytes`, in order: number and payload.
pub(super) fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let header: &[u8; ATTRIBUTE_HEADER_LEN] = rest.first_chunk()?;
        let len = usize::from(u16_at::<0>(header));
        let payload = rest.get(ATTRIBUTE_HEADER_LEN..len)?;
        rest = rest.get(aligned(len)..).unwrap_or_default();
        Some((u16_at::<2>(header) & ATTRIBUTE_NUMBER, payload))
    })
}

/// A request that asks for a dump: the header, then `body`, then one attribute if there is one.
pub(super) fn dump_request(
    kind: u16,
    seq: u32,
    body: &[u8],
    attribute: Option<(u16, &[u8])>,
) -> Vec<u8> {
    flagged_request(FLAG_REQUEST | FLAG_DUMP, kind, seq, body, attribute)
}

/// A request that asks for one thing: the header, then `body`.
pub(super) fn request(kind: u16, seq: u32, body: &[u8]) -> Vec<u8> {
    flagged_request(FLAG_REQUEST, kind, seq, body, None)
}

/// A request for a change, which the kernel is to acknowledge.
pub(super) fn change_request(kind: u16, seq: u32, body: &[u8]) -> Vec<u8> {
    flagged_request(FLAG_REQUEST | FLAG_ACK, kind, seq, body, None)
}

fn flagged_request(
    flags: u16,
    kind: u16,
    seq: u32,
    body: &[u8],
    attribute: Option<(u16, &[u8])>,
) -> Vec<u8> {
    let mut request = vec![0; HEADER_LEN];
    request.extend_from_slice(body);
    if let Some((number, payload)) = attribute {
        request.extend_from_slice(&narrow(ATTRIBUTE_HEADER_LEN + payload.len()).to_ne_bytes());
        request.extend_from_slice(&number.to_ne_bytes());
        request.extend_from_slice(payload);
        request.resize(aligned(request.len()), 0);
    }
    let len = u32::from(narrow(request.len()));
    request[LENGTH..][..4].copy_from_slice(&len.to_ne_bytes());
    request[KIND..][..2].copy_from_slice(&kind.to_ne_bytes());
    request[FLAGS..][..2].copy_from_slice(&flags.to_ne_bytes());
    request[SEQ..][..4].copy_from_slice(&seq.to_ne_bytes());
    request
}

/// The `u16` at `AT`, which must lie within the array.
pub(super) fn u16_at<const AT: usize>(bytes: &[u8]) -> u16 {
    bytes.get(AT..).and_then(<[u8]>::first_chunk).map_or(0, |raw| u16::from_ne_bytes(*raw))
}

/// The `u32` at `AT`, which must lie within the array.
pub(super) fn u32_at<const AT: usize>(bytes: &[u8]) -> u32 {
    bytes.get(AT..).and_then(<[u8]>::first_chunk).map_or(0, |raw| u32::from_ne_bytes(*raw))
}

fn narrow(len: usize) -> u16 {
    u16::try_from(len).expect("our requests are under a kilobyte")
}

const fn aligned(len: usize) -> usize {
    len.next_multiple_of(4)
}

/// `NLMSG_ERROR`: the request failed; the payload starts with the negated error number.
pub(super) const ERROR: u16 = 2;
/// `NLMSG_DONE`: the dump is over; the payload may be a negated error number.
pub(super) const DONE: u16 = 3;
/// `NLM_F_DUMP_INTR`: the table changed under the dump.
pub(super) const FLAG_INTERRUPTED: u16 = 0x10;

const FLAG_REQUEST: u16 = 1;
const FLAG_ACK: u16 = 4;
const FLAG_DUMP: u16 = 0x300;

/// Without the flags `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`.
const ATTRIBUTE_NUMBER: u16 = 0x3fff;

const HEADER_LEN: usize = 16;
const LENGTH: usize = 0;
const KIND: usize = 4;
const FLAGS: usize = 6;
const SEQ: usize = 8;
const ATTRIBUTE_HEADER_LEN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(len: u32, kind: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(len.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(FLAG_INTERRUPTED.to_ne_bytes());
        bytes.extend(7_u32.to_ne_bytes());
        bytes.extend(0_u32.to_ne_bytes());
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn two_messages_with_padding_between() {
        let mut bytes = message(17, 20, &[9, 0, 0, 0]);
        bytes.extend(message(20, DONE, &(-2_i32).to_ne_bytes()));
        let all: Vec<_> = messages(&bytes).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].kind, all[0].flags, all[0].seq, all[0].payload),
            (20, 0x10, 7, &[9][..])
        );
        assert_eq!((all[1].kind, all[1].errno()), (DONE, 2));
    }

    #[test]
    fn damaged_lengths_end_the_iteration() {
        for len in [0, 15, 21, u32::MAX] {
            assert_eq!(messages(&message(len, 20, &[0; 4])).count(), 0, "{len}");
        }
        assert_eq!(attributes(&[3, 0, 1, 0]).count(), 0);
        assert_eq!(attributes(&[255, 255, 1, 0]).count(), 0);
        assert_eq!(attributes(&[5, 0, 1]).count(), 0);
    }

    #[test]
    fn an_error_number_that_cannot_be_negated_is_still_an_error() {
        let bytes = message(20, ERROR, &i32::MIN.to_ne_bytes());
        assert_eq!(messages(&bytes).next().unwrap().errno(), i32::MAX);
    }

    #[test]
    fn attributes_are_padded_and_lose_their_flags() {
        let mut bytes = Vec::new();
        bytes.extend(5_u16.to_ne_bytes());
        bytes.extend(0x800b_u16.to_ne_bytes());
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(4_u16.to_ne_bytes());
        bytes.extend(8_u16.to_ne_bytes());
        let all: Vec<_> = attributes(&bytes).collect();
        assert_eq!(all, [(11, &[1][..]), (8, &[][..])]);
    }

    #[test]
    fn a_request_for_one_thing_asks_for_no_dump() {
        let request = request(20, 4, &[1; 8]);
        let parsed = messages(&request).next().unwrap();
        assert_eq!(
            (parsed.kind, parsed.flags, parsed.seq, parsed.payload),
            (20, 1, 4, &[1; 8][..])
        );
    }

    #[test]
    fn a_request_carries_its_length_and_attribute() {
        let request = dump_request(20, 3, &[1, 2, 3, 4], Some((1, &[9; 8])));
        let parsed = messages(&request).next().unwrap();
        assert_eq!((parsed.kind, parsed.flags, parsed.seq), (20, 0x301, 3));
        assert_eq!(parsed.payload[..4], [1, 2, 3, 4]);
        assert_eq!(attributes(&parsed.payload[4..]).next(), Some((1, &[9; 8][..])));
    }
}

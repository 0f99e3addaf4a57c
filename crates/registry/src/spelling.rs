//! The nearest right word for a wrong one: Damerau's edit distance, in its restricted form, where
//! one step inserts, drops or replaces a character or swaps two neighbours.

use alloc::vec;
use alloc::vec::Vec;

/// The candidate nearest to `word`, if one is near enough to be what was meant. Case is ignored;
/// of equally near ones, the one with the same letters is taken, else the one that begins alike, else
/// the first.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let limit = match word.len() {
        0..=2 => return None,
        3..=4 => 1,
        5..=LONGEST => 2,
        _ => return None,
    };
    candidates
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= limit)
        .map(|candidate| (distance(word.as_bytes(), candidate), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, candidate)| {
            let alike = candidate.as_bytes()[..1].eq_ignore_ascii_case(&word.as_bytes()[..1]);
            (distance, letters(candidate) != letters(&word), !alike)
        })
        .map(|(_, candidate)| candidate)
}

/// The letters of `word` in lower case, in order: the same for `shs` and `ssh`.
fn letters(word: &str) -> Vec<u8> {
    let mut letters = word.to_ascii_lowercase().into_bytes();
    letters.sort_unstable();
    letters
}

/// Edit distance between `word`, in lower case, and `candidate` in any case.
fn distance(word: &[u8], candidate: &str) -> usize {
    let candidate: Vec<u8> = candidate.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let mut before = vec![0; candidate.len() + 1];
    let mut above: Vec<usize> = (0..=candidate.len()).collect();
    for (i, &left) in word.iter().enumerate() {
        let mut row = vec![i + 1; candidate.len() + 1];
        for (j, &right) in candidate.iter().enumerate() {
            let replaced = above[j] + usize::from(left != right);
            row[j + 1] = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == candidate[j - 1] && word[i - 1] == right {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = core::mem::replace(&mut above, row);
    }
    above[candidate.len()]
}

/// Longer words are not service names (RFC 6335 §5.1 allows fifteen characters) but pasted text.
const LONGEST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_each_kind_of_slip_once() {
        for (word, candidate, steps) in [
            ("ssh", "ssh", 0),
            ("shs", "ssh", 1),
            ("htp", "HTTP", 1),
            ("httpps", "https", 1),
            ("abc", "xyz", 3),
        ] {
            assert_eq!(distance(word.as_bytes(), candidate), steps, "{word} {candidate}");
        }
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let names = ["ssh", "https", "postgresql"];
        assert_eq!(nearest("postgersql", names.into_iter()), Some("postgresql"));
        assert_eq!(nearest("HTTPSS", names.into_iter()), Some("https"));
        assert_eq!(nearest("localhost", names.into_iter()), None);
        assert_eq!(nearest("shs", ["ehs", "shp", "ssh"].into_iter()), Some("ssh"));
        assert_eq!(nearest("shs", ["ehs", "shp"].into_iter()), Some("shp"));
        assert_eq!(nearest("sh", names.into_iter()), None);
        assert_eq!(nearest(&"s".repeat(10_000), names.into_iter()), None);
    }
}

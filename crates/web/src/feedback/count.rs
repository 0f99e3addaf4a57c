//! What readers said of each page.

use crate::Moment;

/// What readers said of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCount {
    /// Its path.
    pub page: String,
    /// How many said 😔.
    pub sad: u32,
    /// How many said 🤨.
    pub doubtful: u32,
    /// How many said 😃.
    pub glad: u32,
    /// The languages in which they read it, in order.
    pub languages: Vec<String>,
    /// When one last said something.
    pub last: Moment,
}

impl PageCount {
    /// How many said anything.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.sad + self.doubtful + self.glad
    }

    /// Orders the worst pages first: by the share of those whom they did not help, then by how many
    /// said so.
    #[must_use]
    pub fn worst_first(&self, other: &PageCount) -> std::cmp::Ordering {
        let bad = |page: &PageCount| u64::from(2 * page.sad + page.doubtful);
        let (ours, theirs) = (bad(self), bad(other));
        let share = (theirs * u64::from(self.total())).cmp(&(ours * u64::from(other.total())));
        share.then(theirs.cmp(&ours)).then_with(|| self.page.cmp(&other.page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: &str, sad: u32, doubtful: u32, glad: u32) -> PageCount {
        PageCount {
            page: page.to_owned(),
            sad,
            doubtful,
            glad,
            languages: Vec::new(),
            last: Moment(0),
        }
    }

    #[test]
    fn the_worst_page_is_first() {
        let mut pages =
            [page("/d", 0, 0, 9), page("/c", 0, 1, 1), page("/b", 1, 0, 0), page("/a", 3, 0, 0)];
        pages.sort_by(PageCount::worst_first);
        let order: Vec<&str> = pages.iter().map(|page| page.page.as_str()).collect();
        assert_eq!(order, ["/a", "/b", "/c", "/d"]);
    }
}

//! Transcripts in `tests/cli/*.trycmd`: what a person types and what comes back, kept true.

#[test]
fn transcripts_are_true() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}

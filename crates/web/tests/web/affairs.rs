//! The pages of room, doctor and leases, of a machine that is made up and means ill.

use crate::words::{keep, page};

const PAGES: [(&str, &str); 3] = [("/room", "room"), ("/doctor", "doctor"), ("/leases", "leases")];

#[tokio::test]
async fn each_is_there_in_every_language_and_no_name_becomes_markup() {
    for (path, name) in PAGES {
        for language in ["en", "ur", "es", "de", "zh"] {
            let html = page(&format!("{path}?lang={language}")).await;
            assert!(html.contains("&#60;script&#62;alert(1)"), "{path}: {html}");
            assert!(!html.contains("<script>alert") && !html.contains("<b>"), "{path} {language}");
            assert!(html.matches("<h1").count() == 1 && !html.contains("{$"), "{path} {language}");
            let links = [path, "/list", "/"].map(|to| html.contains(&format!("href=\"{to}\"")));
            assert_eq!(links, [true; 3], "{path} {language}");
            keep(&format!("{name}-{language}.html"), &html);
        }
    }
}

#[tokio::test]
async fn room_tells_what_hurts_and_draws_the_hour_with_its_gaps() {
    let html = page("/room").await;
    for text in [
        "28,232 of 28,232 ports can be given to connections",
        "One is reserved. 2 are kept from them",
        "7,000 of 28,232",
        "99.0 %",
        "&#60; 0.1 %",
        "past the cliff",
        "near the cliff",
        "3 min 20 s",
        "<polyline points=\"0.0,20.0 33.3,1.0\"/><polyline points=\"83.3,10.5 100.0,10.5\"/>",
        "aria-label=\"from 0 to 28,232 ports\"",
        "nobody: TIME-WAIT",
        "+1",
        "4 more destinations are not shown",
        "5 connections found a listen queue full",
        "no limit",
        "data-follow=\"/room/live\"",
    ] {
        assert!(html.contains(text), "{text} is not in\n{html}");
    }
}

#[tokio::test]
async fn shares_and_rates_have_the_marks_of_the_readers_language() {
    for (language, marks) in [
        ("en", ["99.0 %", "&#60; 0.1 %", "28,232", "1,234"]),
        ("ur", ["99.0 %", "&#60; 0.1 %", "28,232", "1,234"]),
        ("de", ["99,0 %", "&#60; 0,1 %", "28.232", "1.234"]),
        ("es", ["99,0 %", "&#60; 0,1 %", "28\u{a0}232", "1234"]),
    ] {
        let html = page(&format!("/room?lang={language}")).await;
        for mark in marks {
            assert!(html.contains(mark), "{language}: {mark} is not in\n{html}");
        }
    }
}

#[tokio::test]
async fn doctor_tells_evidence_fix_and_price_and_what_was_left_out() {
    let html = page("/doctor").await;
    for text in [
        "Not healthy.",
        "One error, one warning, one note.",
        "close-wait-pile",
        "How it is known",
        "have the program close them",
        "<pre class=\"command\" dir=\"ltr\"><code>sysctl -w &#60;script",
        "was left out",
    ] {
        assert!(html.contains(text), "{text} is not in\n{html}");
    }
}

#[tokio::test]
async fn findings_are_told_in_every_language_and_in_english_only_where_none_has_them() {
    for (language, why) in [
        ("ur", "CLOSE-WAIT کا مطلب ہے"),
        ("es", "CLOSE-WAIT significa"),
        ("de", "CLOSE-WAIT heißt"),
        ("zh", "CLOSE-WAIT 表示"),
    ] {
        let html = page(&format!("/doctor?lang={language}")).await;
        assert!(html.contains(&format!("<dd>{why}")), "{language}: {html}");
        // The finding that no language knows.
        let english = "<dd lang=\"en\" dir=\"ltr\">CLOSE-WAIT means";
        assert!(html.contains(english), "{language}: {html}");
        assert_eq!(html.matches("CLOSE-WAIT means").count(), 1, "{language}: {html}");
    }
}

#[tokio::test]
async fn leases_tell_who_and_what_is_hidden() {
    let html = page("/leases").await;
    for text in [
        "3 ports are leased.",
        "href=\"/ports/20001\"",
        "without a name",
        "hidden from you",
        "alice",
    ] {
        assert!(html.contains(text), "{text} is not in\n{html}");
    }
}

#[tokio::test]
async fn what_could_not_be_seen_is_told_in_the_readers_language() {
    for place in ["/room", "/doctor"] {
        let in_language = async |tag: &str| page(&format!("{place}?lang={tag}")).await;
        let (english, german) = (in_language("en").await, in_language("de").await);
        assert!(english.contains("<p class=\"soft\">7 processes could not be looked into</p>"));
        assert!(german.contains("<p class=\"soft\">in 7 Prozesse ließ sich"), "{german}");
        assert!(
            german.contains("<p class=\"soft\" lang=\"en\" dir=\"ltr\">this is news</p>"),
            "{german}"
        );
        assert!(!in_language("ur").await.contains("7 processes could"));
    }
}

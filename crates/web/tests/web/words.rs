//! The pages in the reader's language, as a browser gets them from a made-up machine.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use crate::harbour::Harbour;

/// What is answered to a request with these headers.
async fn got(
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> (StatusCode, HeaderMap, String) {
    let router = web::router(Harbour::state());
    let mut request = Request::builder().uri(path).header(header::HOST, "localhost");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, 10 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

pub(crate) async fn page(path: &str) -> String {
    let (status, _, html) = got(path, &[]).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    html
}

/// Kept for people to look at, where `PORTOLAN_PAGES` names a directory.
pub(crate) fn keep(name: &str, html: &str) {
    if let Some(dir) = std::env::var_os("PORTOLAN_PAGES") {
        std::fs::write(std::path::Path::new(&dir).join(name), html).unwrap();
    }
}

#[tokio::test]
async fn a_page_is_in_the_language_that_was_chosen_else_accepted_else_english() {
    let accept = |language| [(header::ACCEPT_LANGUAGE, language)];
    let of = async |path: &str, headers: &[(header::HeaderName, &str)]| {
        let (_, _, html) = got(path, headers).await;
        let tag = html.split("<html lang=\"").nth(1).unwrap();
        tag.split('"').next().unwrap().to_owned()
    };
    assert_eq!(of("/ports/22", &accept("ur, en;q=0.5")).await, "ur");
    assert_eq!(of("/ports/22", &accept("tlh")).await, "en");
    assert_eq!(of("/ports/22?lang=zh", &accept("ur")).await, "zh");
    assert_eq!(of("/ports/22", &[(header::COOKIE, "lang=es")]).await, "es");
    let (_, headers, _) = got("/ports/22?lang=ur", &[]).await;
    let cookie = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lang=ur; Path=/;") && cookie.contains("SameSite=Lax"), "{cookie}");
    let vary: Vec<_> = headers.get_all(header::VARY).iter().collect();
    assert!(format!("{vary:?}").contains("Accept-Language"), "{vary:?}");
}

#[tokio::test]
async fn another_language_is_of_the_same_page_with_all_that_was_asked_of_it() {
    let link = async |path: &str| {
        let html = page(path).await;
        let links = html.split("<nav class=\"languages\"").nth(1).unwrap();
        let link = links.split('"').find(|it| it.starts_with('?') && it.ends_with("lang=ur"));
        link.unwrap().replace("&#38;", "&")
    };
    assert_eq!(link("/list?port=443&lang=de&udp=on").await, "?port=443&udp=on&lang=ur");
    assert_eq!(
        link("/?lang=de&lang=es&&at=2026-01-23T14:03").await,
        "?at=2026-01-23T14:03&lang=ur"
    );
    assert_eq!(link("/search?q=%22%3E&language=x").await, "?q=%22%3E&language=x&lang=ur");
    assert_eq!(link("/doctor").await, "?lang=ur");
}

#[tokio::test]
async fn that_nobody_watches_any_more_is_told_in_the_readers_language() {
    for (language, lost, again) in [
        ("en", "Not live", "may have been missed"),
        ("ur", "پھر کوشش", "دوبارہ نظر"),
        ("es", "No es en directo", "Observando de nuevo"),
        ("de", "Nicht live", "wieder zugesehen"),
        ("zh", "不是实时", "已恢复观察"),
    ] {
        let stream = page(&format!("/watch/live?lang={language}")).await;
        assert!(stream.starts_with("event: trouble\ndata: "), "{stream}");
        assert!(stream.contains(lost) && !stream.contains("for whoever serves"), "{stream}");
        let html = page(&format!("/watch?lang={language}")).await;
        for (name, text) in [("lost", lost), ("again", again)] {
            let said = html.split(&format!("data-{name}=\"")).nth(1).unwrap();
            assert!(said.split('"').next().unwrap().contains(text), "{language}: {html}");
        }
    }
}

#[tokio::test]
async fn every_page_of_a_port_says_what_it_is_in_every_language() {
    for port in ["0", "22", "1023", "5353/udp", "6000", "8080", "32768", "49152", "60440", "65535"]
    {
        for language in ["en", "ur", "es", "de", "zh"] {
            let html = page(&format!("/ports/{port}?lang={language}")).await;
            assert!(!html.contains("{$") && !html.contains("�"), "{port} {language}");
            assert!(html.matches("<h1").count() == 1, "{port} {language}");
            for anchor in ["what", "now", "bind", "how", "check", "neighbours", "sources"] {
                let heading = format!("aria-labelledby=\"{anchor}-heading\"");
                assert!(html.contains(&heading), "{port} {language} lacks {anchor}");
            }
            keep(&format!("{}-{language}.html", port.replace('/', "-")), &html);
        }
    }
}

#[tokio::test]
async fn urdu_is_mirrored_and_its_numbers_are_not() {
    let html = page("/ports/60440?lang=ur").await;
    assert!(html.contains("<html lang=\"ur\" dir=\"rtl\">"));
    assert!(html.contains("<bdi><span class=\"range\">32768–60999</span></bdi>"), "{html}");
    assert!(html.contains("<pre class=\"command\" dir=\"ltr\""));
    assert!(!html.contains("lang=\"en\" dir=\"ltr\">Port"), "a paragraph fell back to English");
}

#[tokio::test]
async fn what_a_language_lacks_is_marked_as_english() {
    let html = page("/ports/60440?lang=de").await;
    assert!(html.contains("<p lang=\"en\" dir=\"ltr\">"), "{html}");
    assert!(html.contains("So prüfen Sie es"));
    let html = page("/?at=foo&lang=de").await;
    assert!(html.contains("<p class=\"no\" role=\"alert\" lang=\"en\" dir=\"ltr\">"), "{html}");
}

#[tokio::test]
async fn tools_are_shown_with_what_they_print() {
    let html = page("/ports/8080").await;
    for text in [
        "sudo lsof -nP -i :8080",
        "netstat -ano | findstr :8080",
        "Get-NetTCPConnection -LocalPort 8080",
        "  TCP    127.0.0.1:8080         0.0.0.0:0              LISTENING       812",
        "tcp4       0      0  127.0.0.1.8080         *.*                    LISTEN",
        "what ss would print",
    ] {
        assert!(html.contains(text), "{text} is not in\n{html}");
    }
    assert!(!html.contains("<script>alert"), "a name became markup");
}

#[tokio::test]
async fn what_is_no_port_gets_guesses() {
    let missing = async |path: &str| {
        let (status, _, html) = got(path, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        html
    };
    let html = missing("/ports/70000").await;
    assert!(
        html.contains("href=\"/ports/7000\"") && html.contains("href=\"/ports/4464\""),
        "{html}"
    );
    assert!(html.contains("href=\"/ports/65535\""));
    assert!(missing("/ports/sssh").await.contains("href=\"/ports/22\""));
    assert!(missing("/ports/-1").await.contains("they go from 0 to 65535"));
    assert!(missing("/ports/22/icmp").await.contains("href=\"/ports/22\""));
    assert!(!missing("/ports/%3Cscript%3E").await.contains("<script>"));
    assert!(missing(&format!("/ports/{}", "9".repeat(500))).await.contains("999…"));
    for no_text in ["/ports/%ff", "/ports/%ff/udp", "/ports/%ff/live", "/ports/%ff/before"] {
        assert!(missing(no_text).await.contains("<h1"), "{no_text}");
    }
    keep("70000-en.html", &html);
}

#[tokio::test]
async fn what_is_asked_twice_or_oddly_still_gets_a_page() {
    for path in ["/search?q=1&q=2", "/watch?port=1&port=2", "/ports/22?from=x&until=1e9"] {
        assert!(page(path).await.contains("<h1"), "{path}");
    }
}

#[tokio::test]
async fn the_api_refuses_what_it_cannot_read_in_its_own_words() {
    for path in ["/api/v1/ports/%ff", "/api/v1/events?port=1&port=2"] {
        let (status, headers, body) = got(path, &[]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json", "{path}");
        assert!(body.starts_with("{\"schema\":\"portolan/1\",\"error\":\""), "{path}: {body}");
    }
}

#[tokio::test]
async fn what_browsers_ask_for_unasked_is_there() {
    let (status, headers, _) = got("/favicon.ico", &[]).await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    let (status, headers, svg) = got(headers[header::LOCATION].to_str().unwrap(), &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "image/svg+xml");
    assert!(svg.contains("<svg"), "{svg}");
}

#[tokio::test]
async fn a_name_and_a_number_written_oddly_lead_to_the_port() {
    let to = async |path: &str| {
        let (status, headers, _) = got(path, &[]).await;
        assert!(status.is_redirection(), "{path}: {status}");
        headers[header::LOCATION].to_str().unwrap().to_owned()
    };
    assert_eq!(to("/ports/ssh").await, "/ports/22");
    assert_eq!(to("/ports/domain/udp").await, "/ports/53/udp");
    assert_eq!(to("/ports/00022").await, "/ports/22");
    assert_eq!(to("/ports/x11").await, "/ports/6000");
    assert_eq!(to("/ports/HTTP-alt").await, "/search?q=http-alt");
    let choice = page("/search?q=http-alt").await;
    for port in [591, 8008, 8080] {
        assert!(choice.contains(&format!("href=\"/ports/{port}\"")), "{choice}");
    }
}

//! What pages load: styles, scripts and pictures, embedded. Each is served under a name with a hash
//! of its bytes in it, so that it may be kept for ever.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file that pages load.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

/// Where an asset is served: `/assets/1f3a….portolan.css`.
///
/// # Panics
/// If there is no such asset: names are written in templates, which tests render.
pub(crate) fn path(name: &str) -> &'static str {
    PATHS.get(name).unwrap_or_else(|| panic!("there is no asset {name}"))
}

/// Serves an asset.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let path = format!("/assets/{file}");
    let asset = ASSETS.iter().find(|asset| PATHS[asset.name] == path);
    let Some(asset) = asset else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}

static PATHS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let path = |asset: &Asset| format!("/assets/{:016x}.{}", fnv(asset.bytes), asset.name);
    ASSETS.iter().map(|asset| (asset.name, path(asset))).collect()
});

/// FNV-1a: tells versions of our own files apart, which nobody attacks.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ASSETS: &[Asset] = &[
    Asset { name: "portolan.css", kind: CSS, bytes: include_bytes!("../assets/portolan.css") },
    Asset { name: "port.css", kind: CSS, bytes: include_bytes!("../assets/port.css") },
    Asset { name: "chart.css", kind: CSS, bytes: include_bytes!("../assets/chart.css") },
    Asset { name: "chart.js", kind: JS, bytes: include_bytes!("../assets/chart.js") },
    Asset { name: "portolan.js", kind: JS, bytes: include_bytes!("../assets/portolan.js") },
    Asset { name: "mark.svg", kind: SVG, bytes: include_bytes!("../assets/mark.svg") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_has_a_path_of_its_own() {
        for asset in ASSETS {
            assert!(path(asset.name).ends_with(asset.name));
            assert!(!asset.bytes.is_empty(), "{}", asset.name);
        }
        let mut paths: Vec<&String> = PATHS.values().collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), ASSETS.len());
    }
}

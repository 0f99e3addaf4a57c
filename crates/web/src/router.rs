//! Which page is where.

use axum::Router;
use axum::routing::get;

use crate::{State, asset, pages};

/// The service that tells of the machine of `state`.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/", get(pages::chart::show))
        .route("/ports/{port}", get(pages::port::show))
        .route("/ports/{port}/{proto}", get(pages::port::show_proto))
        .route("/assets/{file}", get(asset::serve))
        .with_state(state)
}

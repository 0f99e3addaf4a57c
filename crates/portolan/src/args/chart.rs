//! What `portolan chart` takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use web::chart::{Shown, Width};

/// Which chart, and where to put it.
#[derive(Debug, Args)]
#[command(after_help = CHART_EXAMPLES)]
pub(crate) struct ChartArgs {
    /// The file to write, of the kind that its name ends in, .svg or .png; - writes SVG to standard
    /// output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// As it was at this time, by the records: 14:03:11, 'yesterday 14:03', '10m ago'
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<OsString>,

    /// Draw it for the dark
    #[arg(long)]
    pub(crate) night: bool,

    /// Draw only these: territories, ephemeral, assigned, history, time-wait, outgoing, listening
    #[arg(long, value_name = "LAYERS", default_value = "all", hide_default_value = true)]
    pub(crate) layers: Shown,

    /// How wide the PNG is, in pixels: 64 to 8192 [default: 2000]
    #[arg(long, value_name = "N", value_parser = width)]
    pub(crate) size: Option<Width>,

    /// The directory of the records [default: /var/lib/portolan, else ~/.local/state/portolan]
    #[arg(long, value_name = "STORE")]
    pub(crate) dir: Option<PathBuf>,
}

fn width(text: &str) -> Result<Width, String> {
    let width = text.parse().ok().and_then(Width::new);
    width.ok_or_else(|| "a picture is 64 to 8192 pixels wide".to_owned())
}

const CHART_EXAMPLES: &str = "\
Exit status 3: it was not recorded then, and the chart says so.
Examples: portolan chart -o chart.svg · portolan chart -o chart.png --size 3000 --night
          portolan chart -o then.svg --at '10m ago' · portolan chart -o - --layers listening";

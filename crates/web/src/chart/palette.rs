//! The colours of a chart by day and by night. Land is buff, what the tide takes is green, water is
//! blue, as on the charts of hydrographic offices (INT 1, section H); lights are marked in red.

/// By which light a chart is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Light {
    /// Parchment and ink.
    #[default]
    Day,
    /// Deep blue.
    Night,
}

impl Light {
    /// The colours to draw with.
    pub(crate) const fn palette(self) -> &'static Palette {
        match self {
            Light::Day => &DAY,
            Light::Night => &NIGHT,
        }
    }
}

/// Colours as `#rrggbb`.
#[derive(Debug)]
pub(crate) struct Palette {
    /// What the chart is printed on.
    pub(crate) paper: &'static str,
    /// Letters, the frame and the coasts.
    pub(crate) ink: &'static str,
    /// Lesser letters.
    pub(crate) faint: &'static str,
    /// User Ports.
    pub(crate) land: &'static str,
    /// System Ports.
    pub(crate) town: &'static str,
    /// User Ports that the kernel hands out.
    pub(crate) foreshore: &'static str,
    /// Dynamic Ports that the kernel hands out.
    pub(crate) shallow: &'static str,
    /// Dynamic Ports that it does not.
    pub(crate) deep: &'static str,
    /// Lines in the water along a coast, and letters on it.
    pub(crate) water: &'static str,
    /// The lines of the compass.
    pub(crate) rhumb: &'static str,
    /// Assigned ports.
    pub(crate) assigned: &'static str,
    /// Ports held in the last hour.
    pub(crate) history: &'static str,
    /// Ports in `TIME-WAIT`.
    pub(crate) time_wait: &'static str,
    /// Outgoing connections.
    pub(crate) outgoing: &'static str,
    /// Listeners.
    pub(crate) listening: &'static str,
    /// What is not known.
    pub(crate) warning: &'static str,
}

const DAY: Palette = Palette {
    paper: "#f6efdf",
    ink: "#3b2f23",
    faint: "#7a6a52",
    land: "#efe0b9",
    town: "#e2c78d",
    foreshore: "#cfd8ae",
    shallow: "#cfe5e4",
    deep: "#a8cdd4",
    water: "#2f6a7c",
    rhumb: "#8c5a3c",
    assigned: "#a67f45",
    history: "#7f9fb8",
    time_wait: "#7a56a0",
    outgoing: "#0c5f86",
    listening: "#c2273a",
    warning: "#a01828",
};

const NIGHT: Palette = Palette {
    paper: "#081321",
    ink: "#d5dfe6",
    faint: "#8ea3b4",
    land: "#1d2a37",
    town: "#2f3a41",
    foreshore: "#1a3a3c",
    shallow: "#123c57",
    deep: "#0b2742",
    water: "#79b7cf",
    rhumb: "#8fb0c4",
    assigned: "#8f7f56",
    history: "#4d7f9e",
    time_wait: "#b493e6",
    outgoing: "#5fd0ea",
    listening: "#ff7a5c",
    warning: "#ff9a86",
};

//! What is written on a chart, so that it can be written in any language.

use crate::Locale;
use crate::chart::layers::Layer;

/// The words of a chart: in a language by [`Words::of`], in English by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is named after what it says, and its English is in `locales/en/chart.ftl`; numbers are \
              written as `locale` has them"
)]
pub struct Words {
    pub locale: Locale,
    pub title: String,
    pub system: String,
    pub user: String,
    pub dynamic: String,
    pub dynamic_meaning: String,
    pub user_meaning: String,
    pub ephemeral: String,
    pub ephemeral_meaning: String,
    pub assigned: String,
    pub history: String,
    pub time_wait: String,
    pub outgoing: String,
    pub listening: String,
    pub reading: String,
    pub not_recorded: String,
}

impl Words {
    /// The words in the language of `locale`.
    #[must_use]
    pub fn of(locale: Locale) -> Words {
        let words = |id: &str| locale.say(&format!("chart-{id}")).into_owned();
        Words {
            locale,
            title: words("of"),
            system: words("system"),
            user: words("user"),
            dynamic: words("dynamic"),
            dynamic_meaning: words("dynamic-meaning"),
            user_meaning: words("user-meaning"),
            ephemeral: words("ephemeral"),
            ephemeral_meaning: words("ephemeral-meaning"),
            assigned: words("assigned"),
            history: words("history"),
            time_wait: words("time-wait"),
            outgoing: words("outgoing"),
            listening: words("listening"),
            reading: words("reading"),
            not_recorded: words("not-recorded"),
        }
    }
}

impl Default for Words {
    fn default() -> Words {
        Words::of(Locale::default())
    }
}

impl Words {
    /// What the ports of a layer are.
    pub(crate) fn layer(&self, layer: Layer) -> &str {
        match layer {
            Layer::Territories => &self.title,
            Layer::Ephemeral => &self.ephemeral,
            Layer::Assigned => &self.assigned,
            Layer::History => &self.history,
            Layer::TimeWait => &self.time_wait,
            Layer::Outgoing => &self.outgoing,
            Layer::Listening => &self.listening,
        }
    }
}

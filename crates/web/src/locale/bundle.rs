//! The messages of each language: Fluent files, built in, parsed when first asked for.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::number::grouped;
use super::{Arg, Catalogue, Direction, Language};

/// The messages of `catalogue` in `language`, one bundle for all who ask.
fn bundle(language: Language, catalogue: Catalogue) -> &'static Bundle {
    static PAGES: Slots = [const { OnceLock::new() }; Language::ALL.len()];
    static CARDS: Slots = [const { OnceLock::new() }; Language::ALL.len()];
    static FINDINGS: Slots = [const { OnceLock::new() }; Language::ALL.len()];
    let slots = match catalogue {
        Catalogue::Pages => &PAGES,
        Catalogue::Card => &CARDS,
        Catalogue::Findings => &FINDINGS,
    };
    let files = catalogue.files(language);
    slots[language as usize].get_or_init(|| {
        // Where text runs the other way an endpoint or a range could be turned around in it; and what
        // others named is told from the message by its isolate.
        let isolates =
            language.direction() == Direction::RightToLeft || catalogue == Catalogue::Findings;
        parse(language, isolates, files.iter().map(|file| file.text))
    })
}

/// The message `id` with `args` in it, if there is one.
pub(super) fn message(
    language: Language,
    catalogue: Catalogue,
    id: &str,
    args: &[(&'static str, Arg<'_>)],
) -> Option<Cow<'static, str>> {
    let bundle = bundle(language, catalogue);
    let pattern = bundle.get_message(id)?.value()?;
    let mut errors = Vec::new();
    let text = if args.is_empty() {
        bundle.format_pattern(pattern, None, &mut errors)
    } else {
        let args = args.iter().map(|(name, arg)| (*name, arg.value(language)));
        let args: FluentArgs<'_> = args.collect();
        Cow::Owned(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
    };
    debug_assert!(errors.is_empty(), "{id}: {errors:?}");
    Some(text)
}

fn parse(language: Language, isolates: bool, files: impl Iterator<Item = &'static str>) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().expect("a tag of ours is a tag");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(isolates);
    bundle.set_formatter(Some(match language {
        Language::German => |value, _| number(value, Language::German),
        Language::Spanish => |value, _| number(value, Language::Spanish),
        _ => |value, _| number(value, Language::English),
    }));
    for file in files {
        // A test holds every file to be without fault; of one that is not, the rest is used.
        let read = FluentResource::try_new(file.to_owned());
        bundle.add_resource_overriding(read.unwrap_or_else(|(rest, _)| rest));
    }
    bundle
}

/// A count as `language` writes it; `None` for what is no count.
fn number(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(grouped(number.value, language)),
        _ => None,
    }
}

type Bundle = FluentBundle<FluentResource>;
type Slots = [OnceLock<Bundle>; Language::ALL.len()];

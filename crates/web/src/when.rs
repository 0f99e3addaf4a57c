//! Moments as pages write them: in the machine's own time zone, with the exact one beside it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Moment;

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now() -> Moment {
        Moment(i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX))
    }

    /// In RFC 3339, UTC, to the millisecond.
    #[must_use]
    pub fn utc(self) -> String {
        format!("{:.3}", self.timestamp())
    }

    /// The date and the time of day, to the second, in the machine's time zone.
    #[must_use]
    pub fn local(self) -> String {
        self.written("%F %T")
    }

    /// The time of day alone, in the machine's time zone.
    #[must_use]
    pub fn clock(self) -> String {
        self.written("%T")
    }

    fn written(self, format: &str) -> String {
        self.timestamp().to_zoned(TimeZone::system()).strftime(format).to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(self.0.into()).unwrap_or(Timestamp::MAX)
    }
}

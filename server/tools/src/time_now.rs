//! `time.now`: the time, in UTC and in a zone.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Class, Output, Room, Tool, ToolError, text};

pub(crate) struct TimeNow;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// An IANA zone name, for example Europe/Berlin. Left out: UTC only.
    zone: Option<String>,
}

impl Tool for TimeNow {
    const NAME: &'static str = "time.now";
    const DESCRIPTION: &'static str = "Tell the current date and time in UTC, and in a time zone.";
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("timezone", "zone"), ("time_zone", "zone"), ("tz", "zone")];
    const CLASS: Class = Class::Reads;
    type Args = Args;

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let zone = args.zone.as_deref().map(str::trim).filter(|zone| !zone.is_empty());
        let zone = zone.map(find).transpose()?;
        let now = room.now();
        let utc = now.strftime("%Y-%m-%dT%H:%M:%SZ");
        let mut content = format!("utc: {utc} ({})\n", now.strftime("%A"));
        let mut summary = utc.to_string();
        if let Some(zone) = zone {
            let local = now.to_zoned_datetime(zone);
            let name = local.time_zone().iana_name().unwrap_or("UTC").to_owned();
            let time = local.strftime("%Y-%m-%dT%H:%M:%S%:z");
            content.push_str(&format!("local: {time} in {name} ({})\n", local.strftime("%A")));
            summary = format!("{time} in {name}");
        }
        Ok(Output::new(&summary, content))
    }
}

/// The zones come with the program, so that every machine answers alike.
fn find(name: &str) -> Result<TimeZone, ToolError> {
    let found = TimeZoneDatabase::bundled().get(name).ok();
    // `Etc/Unknown` is a name too, and would pass for UTC.
    found.filter(|zone| !zone.is_unknown()).ok_or_else(|| {
        ToolError::input_invalid(format!(
            "`zone` is no zone that is known here: `{}`. Give an IANA name, for example \
             Europe/Berlin.",
            text::shown(name)
        ))
    })
}

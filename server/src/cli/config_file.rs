//! The configuration file: TOML, with the names of the flags.

use std::fmt::Display;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::arguments::{Arguments, ServeArguments};

/// Its name in the data folder.
const NAME: &str = "openclawssy.toml";

/// What the file may say. A key that nobody knows is refused with its line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    database: Option<String>,
    secret_key_file: Option<PathBuf>,
    model: Option<String>,
    openai_url: Option<String>,
    max_steps: Option<u32>,
    tool_timeout: Option<u32>,
    addr: Option<String>,
    public_url: Option<String>,
    workers: Option<u32>,
    waiting_places: Option<u32>,
}

impl ConfigFile {
    /// Reads the file that was named, or the one in the data folder if there is
    /// one.
    pub(crate) fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let path = arguments.config.clone().unwrap_or_else(|| arguments.data.join(NAME));
        let named = arguments.config.is_some();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !named => {
                return Ok(Self::default());
            }
            Err(error) => {
                let context = format!("the configuration file {} cannot be read", path.display());
                return Err(error).context(context);
            }
        };
        Self::parse(&text).with_context(|| format!("in the configuration file {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Fills in what neither flag nor environment said. Returns the names of
    /// what it filled in.
    pub(crate) fn fill(
        self,
        arguments: &mut Arguments,
        serve: &mut ServeArguments,
    ) -> anyhow::Result<Vec<&'static str>> {
        let mut filled = Vec::new();
        let mut fill = Fill(&mut filled);
        fill.plain("database", &mut arguments.database, self.database);
        fill.plain("secret_key_file", &mut arguments.secret_key_file, self.secret_key_file);
        fill.text("model", &mut arguments.model, self.model)?;
        fill.plain("openai_url", &mut arguments.openai_url, self.openai_url);
        fill.number("max_steps", &mut arguments.max_steps, self.max_steps, 1..=10_000)?;
        fill.number("tool_timeout", &mut arguments.tool_timeout, self.tool_timeout, 1..=86_400)?;
        fill.text("addr", &mut serve.addr, self.addr)?;
        fill.text("public_url", &mut serve.public_url, self.public_url)?;
        fill.number("workers", &mut serve.workers, self.workers, 1..=256)?;
        fill.number("waiting_places", &mut serve.waiting_places, self.waiting_places, 0..=100_000)?;
        Ok(filled)
    }
}

struct Fill<'a>(&'a mut Vec<&'static str>);

impl Fill<'_> {
    fn plain<T>(&mut self, name: &'static str, place: &mut Option<T>, value: Option<T>) {
        if place.is_none() && value.is_some() {
            *place = value;
            self.0.push(name);
        }
    }

    fn text<T>(
        &mut self,
        name: &'static str,
        place: &mut Option<T>,
        value: Option<String>,
    ) -> anyhow::Result<()>
    where
        T: FromStr,
        T::Err: Display,
    {
        let read = |text: String| {
            text.parse().map_err(|error| anyhow::anyhow!("{name}, {text:?}: {error}"))
        };
        self.plain(name, place, value.map(read).transpose()?);
        Ok(())
    }

    fn number(
        &mut self,
        name: &'static str,
        place: &mut Option<u32>,
        value: Option<u32>,
        range: RangeInclusive<u32>,
    ) -> anyhow::Result<()> {
        if let Some(value) = value.filter(|value| !range.contains(value)) {
            bail!("{name} is {value}; give a number from {} to {}", range.start(), range.end());
        }
        self.plain(name, place, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Both {
        #[command(flatten)]
        arguments: Arguments,
        #[command(flatten)]
        serve: ServeArguments,
    }

    fn said(flags: &[&str]) -> Both {
        Both::parse_from(["test"].iter().chain(flags))
    }

    #[test]
    fn the_file_fills_in_what_nothing_else_said() {
        let file = "model = 'a/file'\nmax_steps = 7\naddr = '127.0.0.1:1'\nworkers = 9";
        let mut both = said(&["--max-steps", "3", "--workers", "2"]);
        let file = ConfigFile::parse(file).unwrap();
        let filled = file.fill(&mut both.arguments, &mut both.serve).unwrap();
        assert_eq!(filled, ["model", "addr"]);
        assert_eq!(both.arguments.max_steps, Some(3));
        assert_eq!(both.arguments.model.unwrap().to_string(), "a/file");
        assert_eq!(both.serve.workers, Some(2));
        assert_eq!(both.serve.addr.unwrap().port(), 1);
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named() {
        let refusal = |text: &str| {
            let mut both = said(&[]);
            let read = ConfigFile::parse(text)
                .and_then(|file| file.fill(&mut both.arguments, &mut both.serve));
            format!("{:#}", read.unwrap_err())
        };
        for (text, named) in [
            ("steps = 1", "steps"),
            ("max_steps = 0", "max_steps"),
            ("max_steps = 'x'", "max_steps"),
            ("addr = 'here'", "addr"),
            ("public_url = 'ftp://x'", "public_url"),
            ("model = 'none'", "model"),
        ] {
            assert!(refusal(text).contains(named), "{text}: {}", refusal(text));
        }
    }
}

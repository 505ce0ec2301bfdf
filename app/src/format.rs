//! Numbers and times in words. Nothing here knows a clock or a locale.

use domain::{Spent, Timestamp};

/// A number with its thousands apart: `47,048`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what it counts: `1 call`, `9 calls`.
pub(crate) fn count(value: u64, one: &str) -> String {
    let ending = if value == 1 { "" } else { "s" };
    format!("{} {one}{ending}", number(value))
}

/// Tokens, shortened from ten thousand on: `9,866`, `51.1k`, `1.2M`.
pub(crate) fn tokens(value: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", value / unit, value % unit * 10 / unit);
    match value {
        0..10_000 => number(value),
        10_000..1_000_000 => format!("{}k", tenths(1_000)),
        _ => format!("{}M", tenths(1_000_000)),
    }
}

/// Tokens by what they were for: `725 in, 300 of it cached, 28 out`. Not every
/// model counts them.
pub(crate) fn used(spent: &Spent) -> String {
    let Spent { input_tokens, output_tokens, cached_tokens, .. } = *spent;
    let (sent, written) = (number(input_tokens), number(output_tokens));
    match cached_tokens {
        _ if spent.tokens() == 0 => "none counted".into(),
        0 => format!("{sent} in, {written} out"),
        cached => format!("{sent} in, {} of it cached, {written} out", number(cached)),
    }
}

/// An amount of US dollars, given in millionths, with as many digits as tell it
/// from nothing: `US$ 0.00`, `US$ 0.000012`, `US$ 0.0412`, `US$ 1.50`. Sign and number
/// stay on one line.
pub(crate) fn dollars(millionths: u64) -> String {
    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
    let digits = match millionths {
        0 | 1_000_000.. => 2,
        10_000.. => 4,
        _ => 6,
    };
    let all = format!("{rest:06}");
    let (shown, _) = all.split_at(digits);
    format!("US$\u{a0}{}.{shown}", number(whole))
}

/// What something cost, where prices are known.
pub(crate) fn cost(millionths: Option<u64>) -> String {
    millionths.map_or_else(|| "not known".to_owned(), dollars)
}

/// A size, in binary units: `812 B`, `4.0 KiB`, `1.2 GiB`. Number and unit stay
/// on one line.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if value < 1024 {
        return format!("{value}\u{a0}B");
    }
    let mut unit = 0;
    let mut scale = 1024;
    while unit + 1 < UNITS.len() && value / scale >= 1024 {
        scale *= 1024;
        unit += 1;
    }
    format!("{}.{}\u{a0}{}", value / scale, value % scale * 10 / scale, UNITS[unit])
}

/// A running or whole time, as on a stopwatch: `0:42`, `3:28`, `1:02:03`.
pub(crate) fn stopwatch(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A time that something took, with its unit: `<1 ms`, `38 ms`, `13.4 s`, `1 min 11 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match milliseconds {
        0 => "<1 ms".into(),
        1..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{seconds}.{} s", milliseconds % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// The milliseconds from one moment to another, none if they are the other way round.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}

/// The first line of a text, for a heading or a row.
pub(crate) fn first_line(text: &str) -> String {
    const LONGEST: usize = 120;
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// The first line of a Markdown text, without the marks that a line of plain
/// text has no use for.
pub(crate) fn plain_line(markdown: &str) -> String {
    let line = markdown.trim_start_matches(|mark: char| mark == '#' || mark.is_whitespace());
    first_line(line).replace("**", "").replace('`', "")
}

/// JSON text with its parts on lines of their own, and nothing else about it
/// changed: no member is sorted, joined or dropped. Characters that nobody sees,
/// or that turn others around, stand as their escapes. What is no JSON stays as it
/// is but for these.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        text.chars().for_each(|c| push_visible(&mut out, c));
        return out;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        // Indentation beyond this is no help to anybody.
        out.extend(std::iter::repeat_n("  ", depth.min(20)));
    };
    while let Some(c) = chars.next() {
        if in_string {
            in_string = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            push_visible(&mut out, c);
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                out.push(c);
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => push_visible(&mut out, c),
        }
    }
    out
}

fn push_visible(out: &mut String, c: char) {
    let hidden = c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    if hidden { out.extend(c.escape_unicode()) } else { out.push(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_otherwise_as_it_was() {
        let told = json(r#"{"b": 1,"a":[ "x, {y}\"", {} ,[]], "b":2}"#);
        let lines = ["{", r#"  "b": 1,"#, r#"  "a": ["#, r#"    "x, {y}\"","#, "    {},", "    []"];
        assert_eq!(told, format!("{}\n  ],\n  \"b\": 2\n}}", lines.join("\n")));
        assert_eq!(json("\"a\u{202e}b\""), "\"a\\u{202e}b\"");
        assert_eq!(json("rm  -r {a, b}\u{200b}"), "rm  -r {a, b}\\u{200b}");
    }

    #[test]
    fn numbers_line_up_in_threes() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "call"), "1 call");
        assert_eq!(count(2_000, "call"), "2,000 calls");
    }

    #[test]
    fn sizes_are_in_binary_units() {
        assert_eq!(bytes(812), "812\u{a0}B");
        assert_eq!(bytes(4_096), "4.0\u{a0}KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1023.9\u{a0}KiB");
        assert_eq!(bytes(1_288_490_189), "1.2\u{a0}GiB");
    }

    #[test]
    fn tokens_shorten_from_ten_thousand_on() {
        assert_eq!(tokens(9_999), "9,999");
        assert_eq!(tokens(51_149), "51.1k");
        assert_eq!(tokens(1_250_000), "1.2M");
    }

    #[test]
    fn tokens_are_told_by_what_they_were_for() {
        let spent = Spent { input_tokens: 1_725, output_tokens: 28, ..Spent::default() };
        assert_eq!(used(&spent), "1,725 in, 28 out");
        let cached = Spent { cached_tokens: 1_024, ..spent };
        assert_eq!(used(&cached), "1,725 in, 1,024 of it cached, 28 out");
        assert_eq!(used(&Spent::default()), "none counted");
    }

    #[test]
    fn amounts_show_what_tells_them_from_nothing() {
        assert_eq!(dollars(0), "US$\u{a0}0.00");
        assert_eq!(dollars(12), "US$\u{a0}0.000012");
        assert_eq!(dollars(9_999), "US$\u{a0}0.009999");
        assert_eq!(dollars(41_230), "US$\u{a0}0.0412");
        assert_eq!(dollars(1_509_999), "US$\u{a0}1.50");
        assert_eq!(dollars(1_234_000_000), "US$\u{a0}1,234.00");
        assert_eq!(cost(None), "not known");
    }

    #[test]
    fn times_carry_their_unit() {
        assert_eq!(duration(0), "<1 ms");
        assert_eq!(duration(38), "38 ms");
        assert_eq!(duration(13_449), "13.4 s");
        assert_eq!(duration(71_000), "1 min 11 s");
        assert_eq!(duration(7_320_000), "2 h 2 min");
        assert_eq!(stopwatch(42_900), "0:42");
        assert_eq!(stopwatch(3_723_000), "1:02:03");
    }

    #[test]
    fn a_first_line_is_cut_between_characters() {
        assert_eq!(first_line("\n  one\ntwo"), "one");
        assert_eq!(first_line(&"é".repeat(121)), format!("{}…", "é".repeat(120)));
        assert_eq!(plain_line("\n## The **one** `file`\n\ntwo"), "The one file");
    }
}

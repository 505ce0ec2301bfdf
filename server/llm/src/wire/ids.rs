//! Ids of tool calls on the wire.
//!
//! A provider is given back its own ids as they are. In a conversation that
//! began with another provider, or with ids of our making, there may be ids that
//! it refuses; those go out under another name, always the same one.

/// Which ids a provider takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdRule {
    /// At most 40 characters that can be seen: OpenAI's limit in chat
    /// completions, and the least of those that speak its form.
    Short,
    /// At most 64 letters, digits, `_` and `-`: Anthropic's pattern, and the
    /// limit of OpenAI's Responses.
    Plain,
    /// Exactly nine letters and digits, as Mistral wants them.
    Nine,
}

/// The id to send.
pub(crate) fn wire_id(id: &str, rule: IdRule) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let fits = match rule {
        IdRule::Short => {
            !id.is_empty() && id.len() <= 40 && id.bytes().all(|b| b.is_ascii_graphic())
        }
        IdRule::Plain => !id.is_empty() && id.len() <= 64 && id.bytes().all(plain),
        IdRule::Nine => id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    if fits {
        return id.to_owned();
    }
    let hash = format!("{:016x}", fnv1a(id.as_bytes()));
    match rule {
        IdRule::Short | IdRule::Plain => format!("call_{hash}"),
        IdRule::Nine => hash[..9].to_owned(),
    }
}

/// The hash FNV-1a of 64 bits (Fowler, Noll, Vo): the same in every process and
/// version, so that a conversation goes out the same after a restart.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitting_ids_stay_and_others_get_a_name_that_fits() {
        for (rule, own) in [
            (IdRule::Short, "functions.read:0"),
            (IdRule::Plain, "toolu_01A-b"),
            (IdRule::Nine, "D681PevKs"),
        ] {
            assert_eq!(wire_id(own, rule), own);
        }
        let long = "x".repeat(90);
        for id in ["functions.read:0", "那", "", "call_1", long.as_str()] {
            for rule in [IdRule::Short, IdRule::Plain, IdRule::Nine] {
                let sent = wire_id(id, rule);
                assert_eq!(wire_id(&sent, rule), sent, "{id} {rule:?}");
                assert_eq!(wire_id(id, rule), sent);
            }
        }
        assert_ne!(wire_id("call_1", IdRule::Nine), wire_id("call_2", IdRule::Nine));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}

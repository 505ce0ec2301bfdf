//! The rules of one agent about hosts.

use std::net::IpAddr;

use crate::{Error, Host, HostPattern, Reach, Target};

/// Which hosts may be reached: those that a rule opens and none closes. Without
/// rules, none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRules {
    allow: Vec<HostPattern>,
    deny: Vec<HostPattern>,
}

/// What the rules say of a host, and which of them says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'r> {
    /// It may be reached.
    Open(&'r HostPattern),
    /// It may not: a rule closes it, whatever opens it.
    Closed(&'r HostPattern),
    /// No rule speaks of it.
    NotNamed,
}

impl HostRules {
    /// Rules that open hosts, and rules that close them.
    pub fn new(allow: Vec<HostPattern>, deny: Vec<HostPattern>) -> Self {
        Self { allow, deny }
    }

    /// What the rules say of a host at a port.
    pub fn verdict(&self, host: &Host, port: u16) -> Verdict<'_> {
        if let Some(rule) = self.deny.iter().find(|rule| rule.closes(host, port)) {
            return Verdict::Closed(rule);
        }
        let open = self.allow.iter().filter(|rule| rule.opens(host, port));
        // Of two that open it the one that opens more counts, whatever their order.
        open.max_by_key(|rule| rule.reach()).map_or(Verdict::NotNamed, Verdict::Open)
    }

    /// Which addresses of a target may be reached; the error says why none.
    pub fn reach(&self, target: &Target) -> Result<Reach, Error> {
        let (host, port) = (target.host().to_string(), target.port());
        match self.verdict(target.host(), port) {
            Verdict::Open(rule) => Ok(rule.reach()),
            Verdict::Closed(rule) => {
                Err(Error::Denied { host, port, rule: Box::new(rule.clone()) })
            }
            Verdict::NotNamed => Err(Error::NotGranted { host, port }),
        }
    }

    /// The rule that closes an address under whatever name.
    pub(crate) fn closed(&self, address: IpAddr, port: u16) -> Option<&HostPattern> {
        self.deny.iter().find(|rule| rule.closes(&Host::Ip(address), port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str], deny: &[&str]) -> HostRules {
        let read = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        HostRules::new(read(allow), read(deny))
    }

    fn verdict(rules: &HostRules, url: &str) -> String {
        let target = Target::parse(url).unwrap();
        format!("{:?}", rules.reach(&target).map_err(|error| error.to_string()))
    }

    #[test]
    fn without_rules_nothing_is_open() {
        let said = verdict(&HostRules::default(), "https://example.org/");
        assert!(said.contains("not among the hosts"), "{said}");
    }

    #[test]
    fn what_closes_wins() {
        let rules = rules(&["*", "a.example.org"], &["*.example.org", "b.test:443"]);
        assert!(verdict(&rules, "https://a.example.org/").contains("rule `*.example.org`"));
        assert!(verdict(&rules, "https://b.test/").contains("rule `b.test:443`"));
        assert_eq!(verdict(&rules, "http://b.test/"), "Ok(Public)");
    }

    #[test]
    fn of_two_that_open_the_wider_one_counts() {
        for allow in [["*", "private:nas.lan"], ["private:nas.lan", "*"]] {
            assert_eq!(verdict(&rules(&allow, &[]), "http://nas.lan/"), "Ok(Private)");
        }
    }
}

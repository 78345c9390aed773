//! Lists of IP addresses and networks, in the form that settings and database columns use.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// A list of addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// The addresses of the machine itself.
    pub fn this_machine() -> Self {
        Self(["127.0.0.0/8", "::1/128"].iter().filter_map(|network| network.parse().ok()).collect())
    }

    /// The list of a database column. A list that this version cannot parse is empty: it allows no address.
    pub fn stored(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }

    /// Whether a caller's address is allowed. Without a list, every address is. With a list, an unknown address is not.
    pub fn allows(networks: Option<&Self>, address: Option<IpAddr>) -> bool {
        networks.is_none_or(|networks| address.is_some_and(|address| networks.contains(address)))
    }

    /// Whether one of the networks contains an address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Networks {
    type Err = String;

    /// Parses `10.0.0.0/8, 192.0.2.7, ::1`: separated by commas. A single address is a network of one.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let alone = || part.parse::<IpAddr>().map(IpNet::from);
            part.parse().or_else(|_| alone()).map_err(|_| format!("{part:?} is neither an address nor a network"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use crate::networks::*;

    #[test]
    fn a_list_of_networks_is_separated_by_commas() {
        let networks: Networks = " 192.0.2.7,10.0.0.0/8 ,, ::1".parse().unwrap();
        assert!(["192.0.2.7", "10.9.9.9", "::1"].iter().all(|address| networks.contains(address.parse().unwrap())));
        assert!(!networks.contains("192.0.2.8".parse().unwrap()));
        assert_eq!("".parse(), Ok(Networks::default()));
        assert!("10.0.0.0/33".parse::<Networks>().is_err() && "proxy".parse::<Networks>().is_err());
    }
}

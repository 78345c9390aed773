//! Who is counted as one caller: the subscriber of an internet connection.
//!
//! An IPv4 address is one subscriber. An IPv6 subscriber has a network of 2^64 addresses to call from, so the network is
//! the subscriber. Everything that limits, queues or counts callers by address does it by subscriber; the journal records
//! the address itself.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The subscriber that an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscriber(IpAddr);

impl Subscriber {
    /// The subscriber of an address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.7`) is the IPv4 address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Subscriber {
    /// `192.0.2.7` or `2001:db8:1:2::/64`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::subscriber::*;

    #[test]
    fn an_ipv6_network_is_one_subscriber_and_a_mapped_address_is_ipv4() {
        for (address, subscriber) in [
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::", "2001:db8:1:3::/64"),
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(Subscriber::of(address.parse().unwrap()).to_string(), subscriber, "{address}");
        }
        let mapped = Subscriber::of("::ffff:192.0.2.7".parse().unwrap());
        assert_eq!(mapped, Subscriber::of("192.0.2.7".parse().unwrap()));
    }
}

//! Clients, and how many tuples each of them holds: only of those that hold any, and only where the
//! pool has a quota.

use hashbrown::HashTable;
use slab::Slab;

use crate::Refused;
use crate::seed::{Random, Secret};

/// For whom a port is: a process, a subscriber of a NAT, a cgroup; a number of the caller's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(pub u64);

impl Client {
    /// Nobody in particular: never counted, no quota holds for it.
    pub const NOBODY: Client = Client(u64::MAX);
}

/// Where a client is written down; tuples carry it, so that a release needs no lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u32);

impl Slot {
    /// Not written down.
    pub(crate) const NONE: Slot = Slot(u32::MAX);
}

/// Whether a quota holds for a tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// It does: the tuple is refused where the client has as many as it may.
    Quota,
    /// The tuple is held already, whatever the quota: it counts, and is never refused.
    Fact,
}

/// How many tuples each client holds.
#[derive(Debug)]
pub(crate) struct Clients {
    quota: Option<u32>,
    secret: Secret,
    table: HashTable<u32>,
    accounts: Slab<Account>,
}

#[derive(Debug)]
struct Account {
    client: Client,
    held: u32,
}

impl Clients {
    pub(crate) fn new(quota: Option<u32>, random: &mut Random) -> Clients {
        let secret = random.secret();
        Clients { quota, secret, table: HashTable::new(), accounts: Slab::new() }
    }

    /// Counts one more tuple of `client`.
    #[inline]
    pub(crate) fn enter(&mut self, client: Client, limit: Limit) -> Result<Slot, Refused> {
        match self.quota {
            Some(quota) if client != Client::NOBODY => self.count(client, quota, limit),
            _ => Ok(Slot::NONE),
        }
    }

    fn count(&mut self, client: Client, quota: u32, limit: Limit) -> Result<Slot, Refused> {
        let hash = self.secret.of(&client);
        let accounts = &self.accounts;
        let found = self.table.find(hash, |&at| accounts[at as usize].client == client).copied();
        let held = found.map_or(0, |at| accounts[at as usize].held);
        if limit == Limit::Quota && held >= quota {
            return Err(Refused::OverQuota { client, quota });
        }
        let at = found.unwrap_or_else(|| self.open(client, hash));
        self.accounts[at as usize].held += 1;
        Ok(Slot(at))
    }

    /// Counts one tuple less.
    #[inline]
    pub(crate) fn leave(&mut self, slot: Slot) {
        if slot != Slot::NONE {
            self.discount(slot);
        }
    }

    fn discount(&mut self, slot: Slot) {
        let account = &mut self.accounts[slot.0 as usize];
        account.held -= 1;
        if account.held == 0 {
            self.close(slot.0);
        }
    }

    /// How many tuples `client` holds, as far as that is counted.
    pub(crate) fn held(&self, client: Client) -> u32 {
        let of_client = |&at: &u32| self.accounts[at as usize].client == client;
        let found = self.table.find(self.secret.of(&client), of_client);
        found.map_or(0, |&at| self.accounts[at as usize].held)
    }

    fn open(&mut self, client: Client, hash: u64) -> u32 {
        let at = self.accounts.insert(Account { client, held: 0 });
        let at = u32::try_from(at).expect("fewer than 2^32 clients");
        let (accounts, secret) = (&self.accounts, self.secret);
        self.table.insert_unique(hash, at, |&at| secret.of(&accounts[at as usize].client));
        at
    }

    fn close(&mut self, at: u32) {
        let client = self.accounts.remove(at as usize).client;
        if let Ok(entry) = self.table.find_entry(self.secret.of(&client), |&other| other == at) {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    fn clients(quota: u32) -> Clients {
        Clients::new(Some(quota), &mut Random::new(&Seed::from(1)))
    }

    #[test]
    fn a_client_has_its_quota_and_no_more() {
        let mut clients = clients(2);
        let first = clients.enter(Client(7), Limit::Quota).unwrap();
        clients.enter(Client(7), Limit::Quota).unwrap();
        let over = clients.enter(Client(7), Limit::Quota);
        assert_eq!(over, Err(Refused::OverQuota { client: Client(7), quota: 2 }));
        assert!(clients.enter(Client(8), Limit::Quota).is_ok());
        clients.leave(first);
        assert!(clients.enter(Client(7), Limit::Quota).is_ok());
    }

    #[test]
    fn what_is_a_fact_counts_but_is_not_refused() {
        let mut clients = clients(1);
        for _ in 0..3 {
            clients.enter(Client(7), Limit::Fact).unwrap();
        }
        assert_eq!(clients.held(Client(7)), 3);
        assert!(clients.enter(Client(7), Limit::Quota).is_err());
    }

    #[test]
    fn clients_without_tuples_are_forgotten() {
        let mut clients = clients(1);
        for number in 0..1000 {
            let slot = clients.enter(Client(number), Limit::Quota).unwrap();
            clients.leave(slot);
        }
        assert_eq!((clients.accounts.len(), clients.table.len()), (0, 0));
        assert!(clients.accounts.capacity() < 10);
    }

    #[test]
    fn nobody_has_no_quota() {
        let mut clients = clients(0);
        assert!(clients.enter(Client::NOBODY, Limit::Quota).is_ok());
        assert!(clients.enter(Client(1), Limit::Quota).is_err());
    }
}

//! What happens in Jira while a run reads it.

use std::pin::pin;

use super::World;
use crate::world::jira::{Fault, Gate};

impl World {
    /// Works off what is due. Before each call to Jira is looked at, something happens; it is told the number of the call,
    /// from 1 on. How many calls there were.
    pub async fn run_while(&self, mut happens: impl FnMut(usize)) -> usize {
        let mut gate = self.at_next_call();
        let mut run = pin!(self.run());
        for number in 1.. {
            tokio::select! {
                () = &mut run => {
                    self.jira.heal();
                    return number - 1;
                }
                () = gate.wait_for(1) => happens(number),
            }
            let next = self.at_next_call();
            std::mem::replace(&mut gate, next).open();
        }
        unreachable!("a run ends");
    }

    fn at_next_call(&self) -> Gate {
        let gate = Gate::closed();
        self.jira.fault_times(1, "", Fault::Wait(gate.clone()));
        gate
    }
}

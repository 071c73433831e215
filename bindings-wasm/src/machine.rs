//! The machines of this module, by number, and what every machine can do.

use crate::answer::{Said, show};
use crate::number::{id, instant, number};
use crate::place::Place;
use crate::room::ROOM;
#[cfg(feature = "verify")]
use crate::verifier::Verifier;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "acquire")]
use workload_identity_core::wire;

/// Who has a number.
pub(crate) enum Machine {
    /// Nobody: it may be given away.
    Free,
    /// One that is at work, or was when a call trapped.
    AtWork,
    #[cfg(feature = "acquire")]
    Engine(Box<wire::Engine>),
    #[cfg(feature = "verify")]
    Verifier(Box<Verifier>),
}

static MACHINES: Place<Vec<Machine>> = Place::new(Vec::new());

/// Makes a machine of a configuration. Returns its number, or -1 with the error's JSON as text.
pub(crate) fn make(bytes: usize, new: fn(&[u8]) -> Result<Machine, String>) -> f64 {
    let room = ROOM.take();
    let made = new(room.get(..bytes).unwrap_or_default());
    ROOM.put(room);
    match made {
        Ok(mut machine) => {
            let mut machines = MACHINES.take();
            let free = machines.iter().position(|machine| matches!(machine, Machine::Free));
            let place = free.unwrap_or_else(|| {
                machines.push(Machine::Free);
                machines.len() - 1
            });
            MACHINES.put(machines);
            swap(place, &mut machine);
            number(place as u64)
        }
        Err(error) => {
            show(error);
            -1.0
        }
    }
}

fn swap(number: usize, machine: &mut Machine) {
    let mut machines = MACHINES.take();
    if let Some(place) = machines.get_mut(number) {
        core::mem::swap(place, machine);
    }
    MACHINES.put(machines);
}

/// Works with a machine and so many bytes that the host wrote.
pub(crate) fn run(
    number: usize,
    bytes: usize,
    work: &mut dyn FnMut(&mut Machine, &[u8]) -> Said,
) -> f64 {
    let mut machine = Machine::AtWork;
    swap(number, &mut machine);
    let room = ROOM.take();
    let said = work(&mut machine, room.get(..bytes).unwrap_or_default());
    ROOM.put(room);
    swap(number, &mut machine);
    match said {
        Said::Number(number) => number,
        Said::Text(text) => {
            show(text);
            -1.0
        }
    }
}

/// There is no machine of that number; after a trap, for one. The call becomes a trap, too.
pub(crate) fn stranger() -> ! {
    panic!("no such machine")
}

/// Forgets a machine.
#[unsafe(no_mangle)]
extern "C" fn machine_drop(machine: usize) {
    swap(machine, &mut Machine::Free);
}

/// Takes 32 random bytes. -1, with the error's JSON as text, when there are fewer or more.
#[unsafe(no_mangle)]
extern "C" fn machine_reseed(machine: usize, bytes: usize) -> f64 {
    run(machine, bytes, &mut |machine, seed| {
        let reseeded = match machine {
            #[cfg(feature = "acquire")]
            Machine::Engine(engine) => engine.reseed(seed),
            #[cfg(feature = "verify")]
            Machine::Verifier(verifier) => verifier.machine.reseed(seed),
            _ => stranger(),
        };
        match reseeded {
            Ok(()) => Said::Number(0.0),
            Err(error) => Said::Text(error),
        }
    })
}

/// Registers a request and returns its ticket.
#[unsafe(no_mangle)]
extern "C" fn machine_begin(machine: usize, bytes: usize) -> f64 {
    run(machine, bytes, &mut |machine, request| {
        Said::Number(number(match machine {
            #[cfg(feature = "acquire")]
            Machine::Engine(engine) => engine.begin(request),
            #[cfg(feature = "verify")]
            Machine::Verifier(verifier) => verifier.machine.begin(request),
            _ => stranger(),
        }))
    })
}

/// The next step of a ticket as JSON text.
#[unsafe(no_mangle)]
extern "C" fn machine_poll(machine: usize, ticket: f64, now: f64) -> f64 {
    let (ticket, now) = (id(ticket), instant(now));
    run(machine, 0, &mut |machine, _| {
        Said::Text(match machine {
            #[cfg(feature = "acquire")]
            Machine::Engine(engine) => engine.poll(ticket, now),
            #[cfg(feature = "verify")]
            Machine::Verifier(verifier) => verifier.machine.poll(ticket, now),
            _ => stranger(),
        })
    })
}

/// Hands in what came of an effect and returns the flight to wake, 0 for none. The bytes are kind, head and body.
#[unsafe(no_mangle)]
extern "C" fn machine_resolve(
    machine: usize,
    effect: f64,
    kind_bytes: usize,
    status: u32,
    head_bytes: usize,
    body_bytes: usize,
    now: f64,
) -> f64 {
    let (effect, now) = (id(effect), instant(now));
    run(machine, kind_bytes + head_bytes + body_bytes, &mut |machine, bytes| {
        let (kind, rest) = bytes.split_at_checked(kind_bytes).unwrap_or_default();
        let (head, body) = rest.split_at_checked(head_bytes).unwrap_or_default();
        let kind = core::str::from_utf8(kind).unwrap_or_default();
        Said::Number(number(match machine {
            #[cfg(feature = "acquire")]
            Machine::Engine(engine) => engine.resolve(effect, kind, status, head, body, now),
            #[cfg(feature = "verify")]
            Machine::Verifier(verifier) => {
                verifier.machine.resolve(effect, kind, status, head, body, now)
            }
            _ => stranger(),
        }))
    })
}

/// Forgets a ticket and returns the flight to wake, 0 for none.
#[unsafe(no_mangle)]
extern "C" fn machine_end(machine: usize, ticket: f64) -> f64 {
    run(machine, 0, &mut |machine, _| {
        Said::Number(number(match machine {
            #[cfg(feature = "acquire")]
            Machine::Engine(engine) => engine.end(id(ticket)),
            #[cfg(feature = "verify")]
            Machine::Verifier(verifier) => verifier.machine.end(id(ticket)),
            _ => stranger(),
        }))
    })
}

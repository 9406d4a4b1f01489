//! Every type crosses threads and tasks.

#[macro_use]
mod every_type;

use mcpwire_types::*;

fn crosses<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}

#[test]
fn every_type_is_send_and_sync() {
    macro_rules! each {
        ($($name:ident)*) => { $( crosses::<$name<'static>>(); )* };
    }
    every_name!(each);
    crosses::<Number>();
    crosses::<Map<'static, Tool<'static>>>();
    crosses::<DecodeError>();
}

//! What counts as a handler: any async function of extractors.

pub(crate) mod call;
pub(crate) mod ctx;
pub(crate) mod derive;
pub(crate) mod extract;
pub(crate) mod outbox;
pub(crate) mod path;
pub(crate) mod result;

use std::pin::Pin;

use mcpwire_service::Response;

use crate::error::HandlerError;
use crate::handler::call::Call;
use crate::handler::extract::FromCall;
use crate::router::register::Signature;
use crate::router::run::RouterFuture;

/// An async function whose parameters are extractors and whose output is
/// `Result<_, `[`HandlerError`]`>`.
///
/// It is implemented for functions and closures with up to eight parameters; there is no reason to
/// implement it by hand. `M` only keeps those implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler",
    note = "a handler is an async function of extractors (Args<T>, State<S>, Ctx, ...) that returns \
            Result<_, HandlerError>"
)]
pub trait Handler<M>: Send + Sync + 'static {
    /// What the handler returns when all went well.
    type Output: 'static;
    /// The running handler.
    type Future: Future<Output = Result<Self::Output, HandlerError>> + Send + 'static;

    /// Takes the parameters out of the call and starts the handler.
    fn call(&self, call: &mut Call) -> Result<Self::Future, HandlerError>;

    /// Says at registration what the parameters need.
    fn describe(signature: &mut Signature<'_>);
}

macro_rules! impl_handler {
    ($($param:ident)*) => {
        impl<F, Fut, Out, $($param,)*> Handler<($($param,)*)> for F
        where
            F: Fn($($param,)*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Out, HandlerError>> + Send + 'static,
            Out: 'static,
            $($param: FromCall,)*
        {
            type Output = Out;
            type Future = Fut;

            fn call(&self, call: &mut Call) -> Result<Fut, HandlerError> {
                let _ = &call;
                Ok(self($($param::from_call(call)?,)*))
            }

            fn describe(signature: &mut Signature<'_>) {
                let _ = &signature;
                $($param::describe(signature);)*
            }
        }
    };
}

impl_handler!();
impl_handler!(A);
impl_handler!(A B);
impl_handler!(A B C);
impl_handler!(A B C D);
impl_handler!(A B C D E);
impl_handler!(A B C D E G);
impl_handler!(A B C D E G H);
impl_handler!(A B C D E G H I);

/// A handler whose type is forgotten: starts the work for one call, or says at once what it comes to.
pub(crate) type Run = Box<dyn Fn(Call) -> Result<RouterFuture, Response> + Send + Sync>;

/// A handler on its way to a response.
pub(crate) type Work = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Forgets the type of a handler, and of its output with it: `finisher` takes what is left of each call,
/// and gives what will make its response of what the handler comes to.
pub(crate) fn erase<H, M, F>(
    handler: H,
    finisher: impl Fn(Call) -> F + Send + Sync + 'static,
) -> Run
where
    H: Handler<M>,
    F: FnOnce(Result<H::Output, HandlerError>) -> Response + Send + 'static,
{
    Box::new(move |mut call| {
        let started = handler.call(&mut call);
        let outbox = call.outbox.take_receiver();
        let finish = finisher(call);
        match started {
            Ok(work) => {
                let work = Box::pin(async move { finish(work.await) });
                Ok(RouterFuture::run(work, outbox))
            }
            Err(error) => Err(finish(Err(error))),
        }
    })
}

//! The three kinds of work.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use mcpwire_codec::{
    Kind, Message, Part, encode_notification, encode_request, encode_result, to_json,
};
use mcpwire_dispatch::{Args, RawArgs, Router, schemars};
use mcpwire_service::{Reply, Request, Service as _};
use mcpwire_types::{
    CallToolRequestParams, CallToolResult, CancelledNotificationParams, ListToolsResult,
    ReadResourceResult, method,
};

/// Boxed by what it is for, so that a call of it costs the same whatever it does.
pub(crate) struct Work(Box<dyn FnMut() -> Result<(), String>>);

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Search {
    query: String,
    #[expect(dead_code, reason = "it is read from the message, as it would be")]
    limit: u32,
}

impl Work {
    pub(crate) fn new(work: &str, text: String) -> Result<Self, String> {
        let bytes = Bytes::from(text);
        let message = decode(bytes.clone())?;
        match work {
            "decode" => Ok(Self::of(move || {
                black_box(decode(black_box(&bytes).clone())?);
                Ok(())
            })),
            "dispatch" => Self::dispatch(message),
            "encode" => Self::encode(&message),
            _ => Err(format!("no work {work:?}")),
        }
    }

    pub(crate) fn run(&mut self) -> Result<(), String> {
        (self.0)()
    }

    fn of(work: impl FnMut() -> Result<(), String> + 'static) -> Self {
        Self(Box::new(work))
    }

    fn dispatch(message: Message) -> Result<Self, String> {
        if message.kind() == Kind::Request {
            let mut router = router();
            return Ok(Self::of(move || {
                let request = Request::new(black_box(&message).clone());
                let request = request.map_err(|_| "it is no request".to_owned())?;
                black_box(call(&mut router, request)?);
                Ok(())
            }));
        }
        let read: fn(&Message) -> Result<(), String> = match shape(&message)? {
            Shape::Call => |message| read::<CallToolRequestParams<'_>>(message, Part::Params),
            Shape::Text => |message| read::<CallToolResult<'_>>(message, Part::Result),
            Shape::Contents => |message| read::<ReadResourceResult<'_>>(message, Part::Result),
            Shape::Tools => |message| read::<ListToolsResult<'_>>(message, Part::Result),
            Shape::Cancelled => {
                |message| read::<CancelledNotificationParams<'_>>(message, Part::Params)
            }
        };
        Ok(Self::of(move || read(black_box(&message))))
    }

    fn encode(message: &Message) -> Result<Self, String> {
        macro_rules! typed {
            ($type:ident, $part:ident) => {
                message
                    .parse::<$type<'_>>(Part::$part)
                    .map_err(|error| error.to_string())?
                    .into_owned()
            };
        }
        let id = message.id().map(mcpwire_types::RequestId::into_owned);
        let id = id.unwrap_or_else(|| 0.into());
        Ok(match shape(message)? {
            Shape::Call => {
                let params = typed!(CallToolRequestParams, Params);
                Self::of(move || {
                    let params = write(black_box(&params))?;
                    black_box(encode_request(&id, method::TOOLS_CALL, params));
                    Ok(())
                })
            }
            Shape::Text => {
                let result = typed!(CallToolResult, Result);
                Self::of(move || {
                    black_box(encode_result(&id, write(black_box(&result))?));
                    Ok(())
                })
            }
            Shape::Contents => {
                let result = typed!(ReadResourceResult, Result);
                Self::of(move || {
                    black_box(encode_result(&id, write(black_box(&result))?));
                    Ok(())
                })
            }
            Shape::Tools => {
                let result = typed!(ListToolsResult, Result);
                Self::of(move || {
                    black_box(encode_result(&id, write(black_box(&result))?));
                    Ok(())
                })
            }
            Shape::Cancelled => {
                let params = typed!(CancelledNotificationParams, Params);
                Self::of(move || {
                    let params = write(black_box(&params))?;
                    let method = method::NOTIFICATIONS_CANCELLED;
                    black_box(encode_notification(method, Some(params)));
                    Ok(())
                })
            }
        })
    }
}

/// What the six messages are, told by what they hold.
enum Shape {
    Call,
    Text,
    Contents,
    Tools,
    Cancelled,
}

fn shape(message: &Message) -> Result<Shape, String> {
    let result = message.raw(Part::Result).unwrap_or_default();
    let holds = |member: &[u8]| result.windows(member.len()).any(|found| found == member);
    match message.kind() {
        Kind::Request => Ok(Shape::Call),
        Kind::Notification => Ok(Shape::Cancelled),
        Kind::Result if holds(br#""tools":["#) => Ok(Shape::Tools),
        Kind::Result if holds(br#""contents":["#) => Ok(Shape::Contents),
        Kind::Result => Ok(Shape::Text),
        _ => Err("an error is none of the messages".to_owned()),
    }
}

fn decode(bytes: Bytes) -> Result<Message, String> {
    Message::decode(bytes).map_err(|error| error.to_string())
}

fn read<'a, T: serde::Deserialize<'a>>(message: &'a Message, part: Part) -> Result<(), String> {
    black_box(
        message
            .parse::<T>(part)
            .map_err(|error| error.to_string())?,
    );
    Ok(())
}

fn write(value: &impl serde::Serialize) -> Result<Bytes, String> {
    let json = to_json(value).map_err(|error| error.to_string())?;
    Ok(json.into())
}

/// The tools that the two calls name: one with typed arguments that are checked against their schema, and
/// one that takes them as they are.
fn router() -> Router {
    Router::new("bench", "1")
        .tool("search_files", async |Args(search): Args<Search>| {
            Ok(search.query)
        })
        .tool("fit", async |RawArgs(arguments): RawArgs| {
            Ok(arguments.as_str().to_owned())
        })
}

/// Neither tool waits for anything.
fn call(router: &mut Router, request: Request) -> Result<Reply, String> {
    let mut reply = pin!(router.call(request));
    match reply.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(reply @ Reply::Response(_))) => Ok(reply),
        _ => Err("the call was not answered at once".to_owned()),
    }
}

//! One connection to NATS, from the first word to the last.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use mcpwire_service::{Change, ChangeBus as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::builder::Checked;
use crate::error::{Reason, quoted};
use crate::events::Events;
use crate::link::{Link, stopped};
use crate::log;
use crate::message::{Body, Message, News};
use crate::origins::Verdict;
use crate::window::Sent;

pub(crate) struct Session {
    client: Client,
    incoming: Subscriber,
    events: Arc<Events>,
    /// The first sign of life of this session; once it has come back, both directions work.
    hello: u64,
    up: bool,
    /// The oldest sign of life that has not come back.
    unanswered: Option<(u64, Instant)>,
    next_beat: Instant,
    /// The bus ends, and has until then to send what is queued.
    closing: Option<Instant>,
    words: Option<String>,
}

/// Why a session ended.
pub(crate) enum Ended {
    Stopped,
    Lost(Reason),
}

impl Session {
    pub(crate) async fn open(checked: &Checked) -> Result<Self, Reason> {
        let events = Arc::new(Events::default());
        let noted = Arc::clone(&events);
        let limits = &checked.limits;
        let options = checked
            .options
            .clone()
            .connection_timeout(limits.connect_timeout)
            .subscription_capacity(limits.incoming)
            // The client has no way to stop it from trying again. So it tries each server once, finds
            // that nobody wants the connection any more, and ends.
            .max_reconnects(checked.servers.len())
            .reconnect_delay_callback(|_| Duration::ZERO)
            .event_callback(move |event| {
                noted.note(event);
                std::future::ready(())
            });
        let client = options
            .connect(&checked.servers[..])
            .await
            .map_err(|error| {
                let kind = error.kind();
                let source = Arc::new(error);
                match kind {
                    ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                        Reason::Refused(source)
                    }
                    ConnectErrorKind::Tls => Reason::Tls(source),
                    _ => Reason::Unreachable(source),
                }
            })?;
        let incoming = client.subscribe(checked.subject.clone()).await;
        let incoming = incoming.map_err(|error| Reason::Unreachable(Arc::new(error)))?;
        Ok(Self {
            client,
            incoming,
            events,
            hello: 0,
            up: false,
            unanswered: None,
            next_beat: Instant::now(),
            closing: None,
            words: None,
        })
    }

    pub(crate) async fn run(mut self, link: &mut Link, stop: &mut watch::Receiver<bool>) -> Ended {
        let limits = &link.checked.limits;
        let others_have_spoken = limits.beat.saturating_mul(2) + limits.answer_timeout;
        link.origins.begin(Instant::now() + others_have_spoken);
        self.hello = link.beats + 1;
        match self.turns(link, stop).await {
            Ok(()) => Ended::Stopped,
            Err(reason) => Ended::Lost(reason),
        }
    }

    async fn turns(
        &mut self,
        link: &mut Link,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Reason> {
        self.beat(link).await?;
        let shared = Arc::clone(&link.shared);
        let far = Instant::now() + Duration::from_secs(u64::from(u32::MAX));
        loop {
            let answer_due = self.answer_due(link).unwrap_or(far);
            let room = link.window.len() < link.checked.limits.unconfirmed;
            tokio::select! {
                () = stopped(stop), if self.closing.is_none() => {
                    self.closing = Some(Instant::now() + link.checked.limits.close_grace);
                }
                () = self.events.rung.notified() => self.read_events(link)?,
                message = self.incoming.next() => match message {
                    Some(message) => self.hear(link, &message.payload).await?,
                    None => return Err(self.lost()),
                },
                () = shared.outgoing.rung.notified(), if self.up && room => {}
                () = sleep_until(self.next_beat) => self.beat(link).await?,
                () = sleep_until(answer_due) => return Err(self.no_answer(link)),
                () = sleep_until(self.closing.unwrap_or(far)) => return Ok(()),
            }
            if self.up {
                self.send_queued(link).await?;
            }
            let done = !self.up || (link.window.len() == 0 && shared.outgoing.is_empty());
            if self.closing.is_some() && done {
                return Ok(());
            }
        }
    }

    fn answer_due(&self, link: &Link) -> Option<Instant> {
        let beat = self.unanswered.map(|(_, at)| at);
        let change = link.window.oldest().filter(|_| self.up);
        let oldest = beat.into_iter().chain(change).min()?;
        Some(oldest + link.checked.limits.answer_timeout)
    }

    fn no_answer(&self, link: &Link) -> Reason {
        match &self.words {
            Some(words) if !self.up => Reason::Denied(words.clone()),
            _ => Reason::NoAnswer {
                waited: link.checked.limits.answer_timeout,
            },
        }
    }

    fn lost(&self) -> Reason {
        Reason::Disconnected(self.words.clone())
    }

    fn read_events(&mut self, link: &mut Link) -> Result<(), Reason> {
        let seen = self.events.take();
        if seen.lame_duck {
            log::lame_duck(&link.shared.subject);
        }
        if seen.slow > 0 {
            link.shared.counters.slow.add(seen.slow);
            link.log_loss("messages arrived faster than they were read");
            link.shared.local.publish(Change::Missed);
        }
        self.words = seen.words.or(self.words.take());
        match &self.words {
            Some(words) if seen.denied => Err(Reason::Denied(words.clone())),
            _ if seen.disconnected => Err(self.lost()),
            _ => Ok(()),
        }
    }

    async fn hear(&mut self, link: &mut Link, payload: &[u8]) -> Result<(), Reason> {
        let shared = Arc::clone(&link.shared);
        let counters = &shared.counters;
        counters.received.one();
        let Some(message) = Message::parse(payload, link.checked.limits.max_message_bytes) else {
            counters.junk.one();
            log::junk(&shared.subject, payload.len());
            return Ok(());
        };
        if message.origin == shared.origin {
            counters.own.one();
            return self.hear_own(link, &message).await;
        }
        counters.foreign.one();
        match (link.origins.hear(&message, Instant::now()), message.body) {
            (Verdict::Gap, _) => {
                counters.gaps.one();
                link.log_loss("a number of another replica is missing");
                shared.local.publish(Change::Missed);
            }
            (Verdict::Fresh, Body::News(news)) => shared.local.publish(news.into()),
            (Verdict::Old, Body::News(_)) => counters.repeated_foreign.one(),
            (_, Body::Alive { .. }) => {}
        }
        Ok(())
    }

    async fn hear_own(&mut self, link: &mut Link, message: &Message) -> Result<(), Reason> {
        let beat = match message.body {
            Body::Alive { beat } => beat,
            Body::News(_) => {
                let confirmed = link.window.confirm(message.seq);
                link.shared.counters.confirmed.add(confirmed);
                return Ok(());
            }
        };
        // A beat of an earlier session may come late, out of a server that was held up.
        if beat < self.hello {
            return Ok(());
        }
        if self.unanswered.is_some_and(|(oldest, _)| oldest <= beat) {
            self.unanswered = None;
        }
        if !self.up {
            self.come_up(link).await?;
        }
        Ok(())
    }

    async fn come_up(&mut self, link: &mut Link) -> Result<(), Reason> {
        self.up = true;
        // From here on nothing of the others is missed, so this covers all that was.
        link.shared.local.publish(Change::Missed);
        link.up();
        for sent in link.window.again(Instant::now()) {
            link.shared.counters.repeated.one();
            self.tell(link, &sent).await?;
        }
        Ok(())
    }

    async fn send_queued(&mut self, link: &mut Link) -> Result<(), Reason> {
        while link.window.len() < link.checked.limits.unconfirmed {
            let Some(news) = link.shared.outgoing.take() else {
                break;
            };
            // It is in the window before it is sent: a failure now means that it is sent again.
            let sent = link.window.add(news, Instant::now());
            link.shared.counters.published.one();
            self.tell(link, &sent).await?;
        }
        Ok(())
    }

    async fn tell(&self, link: &Link, sent: &Sent) -> Result<(), Reason> {
        let message = |news| Message {
            origin: link.shared.origin,
            seq: sent.seq,
            body: Body::News(news),
        };
        let longest = link.checked.limits.max_message_bytes;
        let longest = longest.min(self.client.max_payload());
        let mut bytes = message(sent.news.clone()).to_json();
        if bytes.len() > longest {
            link.shared.counters.oversized.one();
            bytes = message(News::Missed).to_json();
        }
        self.publish(link, bytes).await
    }

    async fn beat(&mut self, link: &mut Link) -> Result<(), Reason> {
        let now = Instant::now();
        self.next_beat = now + link.checked.limits.beat;
        link.origins.sweep(now);
        link.beats += 1;
        self.unanswered.get_or_insert((link.beats, now));
        let seq = if self.up {
            link.window.last()
        } else {
            // What has to be sent again comes after this.
            link.window.before()
        };
        let message = Message {
            origin: link.shared.origin,
            seq,
            body: Body::Alive { beat: link.beats },
        };
        self.publish(link, message.to_json()).await
    }

    async fn publish(&self, link: &Link, bytes: Vec<u8>) -> Result<(), Reason> {
        let waited = link.checked.limits.answer_timeout;
        let subject = link.shared.subject.clone();
        match timeout(waited, self.client.publish(subject, Bytes::from(bytes))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Reason::Disconnected(Some(quoted(&error.to_string())))),
            Err(_) => Err(Reason::NoAnswer { waited }),
        }
    }
}

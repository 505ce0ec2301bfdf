//! One event stream for the page: opened, resumed after a break or a hidden
//! while, closed with the page.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::rc::Rc;

use domain::{EventKind, FaultCode, LiveEvent, RunId, SessionId};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent, VisibilityState};

use super::stirred::stir;
use super::{keep, tab};
use crate::ApiError;
use crate::api::{account, runs, sessions};

/// Where events come from, and the last one that the page knows already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// What happens to all of this person's runs; `after` is a position.
    All { after: u64 },
    /// Everything in one session, and what changes lists in the others; `after` is a
    /// position.
    Session { id: SessionId, after: u64 },
    /// Everything in one run; `after` is a number of that run.
    Run { id: RunId, after: u64 },
}

/// Whether the page hears from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// It does, or has not yet missed it.
    Open,
    /// It tries again and again.
    Lost,
    /// It hears no more: what it shows is gone, or nobody is signed in any more.
    Refused(FaultCode),
}

/// Hands every event of a source on, until told to break off or the page goes.
pub(crate) fn follow(
    source: Source,
    on_event: impl Fn(LiveEvent) -> ControlFlow<()> + 'static,
) -> ReadSignal<Line> {
    let line = RwSignal::new(Line::Open);
    let stir = stir();
    let on_event: Rc<dyn Fn(LiveEvent) -> ControlFlow<()>> = Rc::new(move |event: LiveEvent| {
        stir(&event);
        on_event(event)
    });
    Effect::new(move || {
        let feed = Rc::new(Feed::new(source, line, on_event.clone()));
        feed.look();
        let watching = feed.clone();
        let watcher = window_event_listener_untyped("visibilitychange", move |_| watching.look());
        on_cleanup(move || watcher.remove());
        keep(Guard(feed));
    });
    line.read_only()
}

/// Without a sign of life for this long, the line is dead: the server sends a
/// heartbeat every 15 s.
const SILENCE: u32 = 40_000;
const FIRST_WAIT: f64 = 500.0;
const LONGEST_WAIT: f64 = 30_000.0;

struct Feed {
    source: Source,
    line: RwSignal<Line>,
    on_event: Rc<dyn Fn(LiveEvent) -> ControlFlow<()>>,
    last: Cell<u64>,
    failures: Cell<i32>,
    finished: Cell<bool>,
    connection: RefCell<Option<Connection>>,
    // Either the next try, or the watch over the silence.
    timer: RefCell<Option<Timeout>>,
}

/// An open stream with what listens to it.
struct Connection {
    events: EventSource,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

struct Guard(Rc<Feed>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.finished.set(true);
        self.0.close();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.events.close();
    }
}

impl Source {
    fn after(self) -> u64 {
        match self {
            Self::All { after } | Self::Session { after, .. } | Self::Run { after, .. } => after,
        }
    }

    fn url(self, after: u64, tab: &str) -> String {
        let path = match self {
            Self::All { .. } => "/v1/events?".to_owned(),
            Self::Session { id, .. } => format!("/v1/events?session={id}&"),
            Self::Run { id, .. } => format!("/v1/runs/{id}/events?"),
        };
        format!("{path}after={after}&tab={tab}")
    }

    /// Asks for what the stream is about, in a way that tells why there is none:
    /// a stream that is refused tells a page nothing.
    async fn ask(self) -> Result<(), ApiError> {
        match self {
            Self::All { .. } => account::me().await.map(drop),
            Self::Session { id, .. } => sessions::read_session(id.to_string()).await.map(drop),
            Self::Run { id, .. } => runs::read_turn(id).await.map(drop),
        }
    }

    fn place(self, event: &LiveEvent) -> u64 {
        match self {
            Self::All { .. } | Self::Session { .. } => event.position,
            Self::Run { .. } => event.seq,
        }
    }
}

impl Feed {
    fn new(
        source: Source,
        line: RwSignal<Line>,
        on_event: Rc<dyn Fn(LiveEvent) -> ControlFlow<()>>,
    ) -> Self {
        Self {
            source,
            line,
            on_event,
            last: Cell::new(source.after()),
            failures: Cell::new(0),
            finished: Cell::new(false),
            connection: RefCell::default(),
            timer: RefCell::default(),
        }
    }

    /// A tab that is looked at has a stream, a hidden one has none.
    fn look(self: &Rc<Self>) {
        if document().visibility_state() == VisibilityState::Hidden {
            self.close();
        } else if !self.finished.get() && self.connection.borrow().is_none() {
            self.open();
        }
    }

    fn close(&self) {
        self.timer.replace(None);
        self.connection.replace(None);
    }

    fn open(self: &Rc<Self>) {
        let Ok(events) = EventSource::new(&self.source.url(self.last.get(), &tab::id())) else {
            return self.fail();
        };
        let feed = Rc::downgrade(self);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(feed) = feed.upgrade() {
                feed.hear(&message);
            }
        });
        let feed = Rc::downgrade(self);
        let on_error = Closure::<dyn Fn(Event)>::new(move |_| {
            if let Some(feed) = feed.upgrade() {
                feed.fail();
            }
        });
        let kinds = EventKind::ALL.iter().map(|kind| kind.as_str()).chain(["heartbeat"]);
        for kind in kinds {
            let listener = on_message.as_ref().unchecked_ref();
            // It fails only without a listener.
            let _ = events.add_event_listener_with_callback(kind, listener);
        }
        events.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let connection = Connection { events, _on_message: on_message, _on_error: on_error };
        self.connection.replace(Some(connection));
        self.watch();
    }

    fn hear(self: &Rc<Self>, message: &MessageEvent) {
        self.failures.set(0);
        if self.line.get_untracked() == Line::Lost {
            self.line.try_set(Line::Open);
        }
        self.watch();
        let text = message.data().as_string().unwrap_or_default();
        // A heartbeat says nothing else, and a kind from a newer server is no
        // reason to stop listening.
        let Ok(event) = serde_json::from_str::<LiveEvent>(&text) else { return };
        self.last.set(self.source.place(&event).max(self.last.get()));
        if (self.on_event)(event).is_break() {
            self.finished.set(true);
            self.shut();
        }
    }

    fn watch(self: &Rc<Self>) {
        let feed = Rc::downgrade(self);
        let timer = Timeout::new(SILENCE, move || {
            if let Some(feed) = feed.upgrade() {
                feed.fail();
            }
        });
        self.timer.replace(Some(timer));
    }

    /// The browser's own retry knows no pause that grows, so it is not used.
    fn fail(self: &Rc<Self>) {
        let answered = self
            .connection
            .borrow()
            .as_ref()
            .is_some_and(|connection| connection.events.ready_state() == EventSource::CLOSED);
        self.shut();
        if self.finished.get() {
            return;
        }
        if answered {
            self.ask_why();
        }
        let failures = self.failures.get() + 1;
        self.failures.set(failures);
        if failures > 1 {
            self.line.try_set(Line::Lost);
        }
        let wait = (FIRST_WAIT * f64::from(failures.min(10)).exp2() / 2.0).min(LONGEST_WAIT);
        // Spread out, so that a server that comes back is not met by all at once.
        let wait = wait * (0.5 + js_sys::Math::random() / 2.0);
        let feed = Rc::downgrade(self);
        let timer = Timeout::new(wait as u32, move || {
            if let Some(feed) = feed.upgrade() {
                feed.connection.replace(None);
                feed.look();
            }
        });
        self.timer.replace(Some(timer));
    }

    /// The server answered, but with no stream. Where that is for good, the page
    /// says so and tries no more.
    fn ask_why(self: &Rc<Self>) {
        let feed = Rc::downgrade(self);
        let source = self.source;
        spawn_local(async move {
            let Err(ApiError(fault)) = source.ask().await else { return };
            let for_good = matches!(
                fault.code,
                FaultCode::SessionNotFound | FaultCode::RunNotFound | FaultCode::AuthRequired
            );
            if let Some(feed) = feed.upgrade().filter(|_| for_good) {
                feed.finished.set(true);
                feed.close();
                feed.line.try_set(Line::Refused(fault.code));
            }
        });
    }

    /// Ends the stream, from inside its own listeners too: those are dropped
    /// later, with the connection.
    fn shut(&self) {
        self.timer.replace(None);
        if let Some(connection) = self.connection.borrow().as_ref() {
            connection.events.close();
        }
    }
}

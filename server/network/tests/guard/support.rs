//! A small internet: names with answers that may change, and public addresses
//! behind which there are servers on loopback.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use network::{Answer, Client, Dial, Error, Guard, HostRules, Judge, Request, Resolve, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The product's own port, for the judge.
pub(crate) const OWN_PORT: u16 = 8080;

#[derive(Default)]
struct Wires {
    names: BTreeMap<String, VecDeque<Vec<IpAddr>>>,
    servers: BTreeMap<SocketAddr, SocketAddr>,
    asked: Vec<String>,
    dialled: Vec<SocketAddr>,
}

/// Names, cables and servers.
#[derive(Clone, Default)]
pub(crate) struct Internet(Arc<Mutex<Wires>>);

impl Internet {
    /// A name with its answers, one after the other; the last one stays.
    pub(crate) fn name(&self, name: &str, answers: &[&[&str]]) {
        let read = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(read).collect();
        self.0.lock().unwrap().names.insert(name.to_owned(), answers);
    }

    /// A server behind a public address. It reads the head and what comes with
    /// it, answers with the bytes, and goes on writing for as long as `more`
    /// gives something.
    pub(crate) async fn server<A, M>(&self, public: &str, answer: A, more: M) -> Seen
    where
        A: Fn(&str) -> Vec<u8> + Send + Sync + 'static,
        M: Fn(usize) -> Option<Vec<u8>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        self.0.lock().unwrap().servers.insert(public.parse().unwrap(), here);
        let seen = Seen::default();
        let (kept, shared) = (seen.clone(), Arc::new((answer, more)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone(), Arc::clone(&shared)));
            }
        });
        seen
    }

    /// A server that says the same to everybody.
    pub(crate) async fn says(&self, public: &str, answer: &str) -> Seen {
        let answer = answer.to_owned().into_bytes();
        self.server(public, move |_| answer.clone(), |_| None).await
    }

    pub(crate) fn client(&self) -> Client {
        let guard =
            Guard::over(Arc::new(self.clone()), Arc::new(self.clone()), Judge::new(Some(OWN_PORT)));
        Client::over(guard)
    }

    /// Fetches an address with every port of every host granted as public.
    pub(crate) async fn fetch(&self, address: &str) -> Result<Answer, Error> {
        self.send(Request::get(Target::parse(address)?)).await
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Answer, Error> {
        let any = format!("*:{}", request.target.port());
        self.client().send(request, &rules(&["*", &any], &[])).await
    }

    /// The addresses that were connected to.
    pub(crate) fn dialled(&self) -> Vec<String> {
        self.0.lock().unwrap().dialled.iter().map(ToString::to_string).collect()
    }

    /// The names that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }
}

#[async_trait]
impl Resolve for Internet {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut wires = self.0.lock().unwrap();
        wires.asked.push(name.to_owned());
        let answers = wires.names.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        if answers.len() > 1 {
            return Ok(answers.pop_front().unwrap());
        }
        Ok(answers.front().cloned().unwrap())
    }
}

#[async_trait]
impl Dial for Internet {
    async fn dial(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let server = {
            let mut wires = self.0.lock().unwrap();
            wires.dialled.push(to);
            *wires.servers.get(&to).ok_or(io::ErrorKind::ConnectionRefused)?
        };
        TcpStream::connect(server).await
    }
}

/// The requests that a server saw, in lower case.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn only(&self) -> String {
        let all = self.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }
}

type Script<A, M> = Arc<(A, M)>;

async fn serve<A, M>(mut stream: TcpStream, seen: Seen, script: Script<A, M>)
where
    A: Fn(&str) -> Vec<u8>,
    M: Fn(usize) -> Option<Vec<u8>>,
{
    let mut request = Vec::new();
    let whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).to_lowercase();
        // The hello of TLS, which no server here understands.
        if request.first() == Some(&0x16) {
            return Some(text);
        }
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next().unwrap().parse::<usize>().ok());
        (body.len() >= length.unwrap_or(0)).then_some(text)
    };
    let text = loop {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&piece[..length]),
        }
        if let Some(text) = whole(&request) {
            break text;
        }
    };
    seen.0.lock().unwrap().push(text.clone());
    let mut next = Some(script.0(&text));
    let mut count = 0;
    while let Some(piece) = next {
        if stream.write_all(&piece).await.is_err() {
            return;
        }
        next = script.1(count);
        count += 1;
    }
    let _ = stream.shutdown().await;
}

/// Rules from their texts.
pub(crate) fn rules(allow: &[&str], deny: &[&str]) -> HostRules {
    let read = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    HostRules::new(read(allow), read(deny))
}

/// The word of the table for a refusal.
pub(crate) fn word(error: &Error) -> String {
    match error {
        Error::Address { range, .. } => format!("{range:?}"),
        Error::Redirect(why) => format!("Redirect {}", word(why)),
        other => {
            let text = format!("{other:?}");
            text.split([' ', '(', '{']).next().unwrap().to_owned()
        }
    }
}

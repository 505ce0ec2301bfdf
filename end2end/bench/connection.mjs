// HTTP/1.1 over one bare socket that is kept open: what a client of the product
// costs at least, so that a measurement is of the product and not of a client.
import { connect } from 'node:net';

/// Connects to an address such as http://127.0.0.1:8080.
export async function open(url, token) {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  // An error later on is thrown: then there is nothing to measure.
  await new Promise((done) => socket.once('connect', done));
  const head = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`;
  return { socket, head };
}

/// Posts JSON and gives the answer's status and document. One at a time.
export function post({ socket, head }, path, document) {
  const body = JSON.stringify(document);
  return new Promise((done) => {
    let text = '';
    const take = (data) => {
      text += data.latin1Slice();
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? NaN);
      if (end < 0 || text.length < end + 4 + length) return;
      socket.off('data', take);
      done({ status: Number(text.slice(9, 12)), document: JSON.parse(text.slice(end + 4)) });
    };
    socket.on('data', take);
    const length = Buffer.byteLength(body);
    socket.write(`POST ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`);
  });
}

/// Follows an event stream: `heard(event, run)` for each event. The stream's
/// ids and the JSON of its events are looked at no closer than that.
export function follow({ socket, head }, path, heard) {
  let text = '';
  socket.on('data', (data) => {
    text += data.latin1Slice();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const kind = /^event: (\S+)/m.exec(event)?.[1];
      if (kind) heard(kind, /"run_id":"([^"]+)"/.exec(event)?.[1]);
    }
  });
  socket.write(`GET ${path} HTTP/1.1\r\n${head}Accept: text/event-stream\r\n\r\n`);
}

// A model server on loopback that answers at once, as a process of its own, so
// that its work is not counted as the product's. It speaks the OpenAI form, over
// bare sockets because Node's HTTP server costs more than the answer does.
//
// A message that ends in "tools N" gets N answers that each call a tool, then
// words; any other gets words. `{"cost": true}` from the parent is answered with
// the milliseconds spent inside so far, the number of answers and the size of
// the first request.
import { createServer } from 'node:net';

let spent = 0;
let answers = 0;
let firstBytes = 0;

const chunk = (delta, finish_reason) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":7}}\n\n';
const whole = (body) =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const words = whole(chunk({ content: 'An answer of a few words.' }, null) + chunk({}, 'stop') + usage + 'data: [DONE]\n\n');
// Each call asks for something else: the product stops a run that learns nothing.
const zones = Intl.supportedValuesOf('timeZone');
const call = (number) => {
  const asked = { name: 'time_now', arguments: JSON.stringify({ zone: zones[number % zones.length] }) };
  const tool_calls = [{ index: 0, id: `call_${number}`, type: 'function', function: asked }];
  return whole(chunk({ tool_calls }, null) + chunk({}, 'tool_calls') + usage + 'data: [DONE]\n\n');
};

function answer(body) {
  const { messages } = JSON.parse(body);
  const asked = messages.findLastIndex((message) => message.role === 'user');
  const steps = Number(/tools (\d+)$/.exec(messages[asked].content)?.[1] ?? 0);
  const results = messages.slice(asked).filter((message) => message.role === 'tool').length;
  return results < steps ? call(results) : words;
}

function serve(socket) {
  socket.setNoDelay(true);
  let waiting = Buffer.alloc(0);
  socket.on('data', (data) => {
    const begun = performance.now();
    waiting = waiting.length === 0 ? data : Buffer.concat([waiting, data]);
    const head = waiting.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(waiting.latin1Slice(0, head))?.[1] ?? 0);
    const end = head + 4 + length;
    if (waiting.length < end) return;
    firstBytes ||= length;
    socket.write(answer(waiting.utf8Slice(head + 4, end)));
    waiting = waiting.subarray(end);
    answers += 1;
    spent += performance.now() - begun;
  });
  socket.on('error', () => socket.destroy());
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ spent, answers, firstBytes }));
process.on('disconnect', () => process.exit());

import { expect, test } from 'vitest';
import { type Answer, AnswerParser } from '../../../bench/readers/answer-parser.ts';

const stream = Buffer.from(
  [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 204 No Content\r\nETag: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel\r\n\r\nb\r\nlo, readers\r\n0\r\n\r\n',
    'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  ].join(''),
);

const expected = [
  [200, 'hello', false],
  [204, '', false],
  [200, 'hel\r\nlo, readers', false],
  [503, '', true],
];

test('answers come whole and in order, wherever TCP cuts them', () => {
  for (let size = 1; size <= stream.length; size++) {
    const answers: Answer[] = [];
    const parser = new AnswerParser((answer) => answers.push(answer), true);
    for (let at = 0; at < stream.length; at += size) parser.push(stream, at, Math.min(stream.length, at + size));
    expect(answers.map(({ status, body, isLast }) => [status, body.toString(), isLast])).toEqual(expected);
  }
});

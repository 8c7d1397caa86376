import { describe, expect, test } from 'vitest';
import { pairOn } from '../../../../src/item/contrast.ts';
import { pictureAsset, pictureType } from '../../../../src/ui/server/site/picture.ts';
import { discPng } from '../../../../src/ui/server/site/raster-icon.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

describe('a picture of the site', () => {
  test.each([
    [svg, 'image/svg+xml'],
    [`\uFEFF<?xml version="1.0"?>\n<!-- made by a > program -->\n${svg}`, 'image/svg+xml'],
    [
      `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [ <!ENTITY ns "http://ns.example/"> ]>${svg}`,
      'image/svg+xml',
    ],
    ['<html><svg></svg></html>', null],
    ['<svgx/>', null],
    ['', null],
    ['GIF89a', null],
    [`${'<!-- a -->'.repeat(700)}x`, null],
  ])('is known by its bytes: %j', (text, type) => {
    expect(pictureType(Buffer.from(text))).toBe(type);
  });

  test('a picture of the site is known by its bytes, also if they are no text', () => {
    const typeOf = (text: string) => pictureType(Buffer.from(text, 'latin1'));
    expect(pictureType(discPng(1, pairOn('#ffffff')))).toBe('image/png');
    expect(typeOf('\xff\xd8\xff\xe0')).toBe('image/jpeg');
    expect(typeOf('RIFF\n\x00\x01\x02WEBPVP8 ')).toBe('image/webp');
    expect(typeOf('RIFF....WAVE')).toBeNull();
  });

  test('a PNG of the site is whole', () => {
    const png = discPng(9, pairOn('#ffffff'));
    for (let length = 0; length < png.length; length++) expect(pictureType(png.subarray(0, length))).toBeNull();
  });

  test('a picture of the site cannot run a script when an SVG is opened by itself', () => {
    const { headers } = pictureAsset({ type: 'image/svg+xml', bytes: Buffer.from(svg) });
    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none';.* sandbox$/);
    expect(headers['X-Content-Type-Options']).toBe('nosniff');
    expect(pictureAsset({ type: 'image/png', bytes: Buffer.from('x') }).headers).not.toHaveProperty(
      'Content-Security-Policy',
    );
  });
});

// A picture as a telephone takes it, only made of noise: real PNG, of any size.
import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

// photo returns a file for setInputFiles. 480×360 points make half a megabyte,
// enough for the page to shrink it before it travels.
export function photo(name = '现场.png', width = 480, height = 360) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) randomBytes(width * 3).copy(rows, y * (width * 3 + 1) + 1);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, red green blue
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const buffer = Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
  return { name, mimeType: 'image/png', buffer };
}

function chunk(type, body) {
  const all = Buffer.alloc(body.length + 12);
  all.writeUInt32BE(body.length, 0);
  all.write(type, 4, 'ascii');
  body.copy(all, 8);
  all.writeUInt32BE(crc32(all.subarray(4, body.length + 8)) >>> 0, body.length + 8);
  return all;
}

// The tree that a library in JavaScript leaves where it unpacks a tar, as docs/protocol.md describes it for `tar/list`.
//
//   const { LACKS, unpacked } = require('./unpack.js');
//
//   new Adapter('example', '1.2.3', { lacks: LACKS })
//     .operation('tar/list', CHUNKED, ({ tar }) => unpacked((root, isDirectory) => example.unpack(tar, root, isDirectory)))
//     .run();
'use strict';

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Libraries in JavaScript set neither times nor owners of symbolic links, and none of directories that are changed later. A user
// other than root makes no devices, and these libraries make none for anybody.
const LACKS = { 'tar/list': ['devices', 'mtime', 'owner', 'xattrs'] };

// As much as a stream of a file gives at once.
const PART = 64 << 10;

// Modes are compared as the library asks for them.
process.umask(0);

// Lets `unpack` unpack in a scratch folder, and lists what is there then. `unpack` gets the folder, and a function that it calls with
// the name of each directory that the library reads from the tar: those that it makes on the way to something else are not listed.
async function unpacked(unpack) {
  // Where a name leads out of the root of the tree, it leads to a folder that is removed too.
  const around = fs.mkdtempSync(path.join(os.tmpdir(), 'tree-'));
  const root = path.join(around, 'in', 'root');
  fs.mkdirSync(root, { recursive: true });
  const names = [];
  try {
    await unpack(root, (name) => names.push(name));
    if (fs.readdirSync(around).join() !== 'in' || fs.readdirSync(path.dirname(root)).join() !== 'root') {
      return { entries: [{ path: Buffer.from('..').toString('base64'), type: 'dir' }] };
    }
    return { entries: entries(root, new Set(names.map((name) => place(root, name)))) };
  } finally {
    remove(around);
  }
}

// Ends a writable stream with the parts of a tar. Resolves once it has finished, with the first error if there is one.
function written(stream, tar) {
  return new Promise((resolve) => {
    let first;
    stream.on('error', (error) => {
      first ??= error;
      // What is under way goes on for a moment, and not every stream closes after an error.
      setTimeout(() => resolve(first), 100);
    });
    stream.on('close', () => resolve(first));
    for (let start = 0; start < tar.length; start += PART) {
      stream.write(tar.subarray(start, start + PART));
    }
    stream.end();
  });
}

// The path of a directory in the tree, with the symbolic links before its last part followed.
function place(root, name) {
  const found = path.join(root, path.join('/', name));
  try {
    return path.relative(root, path.join(fs.realpathSync(path.dirname(found)), path.basename(found)));
  } catch {
    // Not made, or replaced.
    return path.relative(root, found);
  }
}

function entries(root, named) {
  const found = named.has('') ? [entry(Buffer.from(root), Buffer.alloc(0))] : [];
  const left = [Buffer.alloc(0)];
  while (left.length > 0) {
    const folder = left.pop();
    for (const name of fs.readdirSync(join(root, folder), { encoding: 'buffer' })) {
      const at = folder.length > 0 ? Buffer.concat([folder, Buffer.from('/'), name]) : name;
      const node = entry(join(root, at), at);
      if (node.type === 'dir') {
        left.push(at);
      }
      if (node.type !== 'dir' || named.has(at.toString())) {
        found.push(node);
      }
    }
  }
  return found.sort((one, other) => Buffer.compare(one.at, other.at)).map(({ at, ...node }) => node);
}

function entry(file, at) {
  const status = fs.lstatSync(file);
  const node = { at, path: at.toString('base64'), mode: status.mode & 0o7777 };
  if (status.isSymbolicLink()) {
    const { mode, ...rest } = node;
    return { ...rest, type: 'symlink', link: fs.readlinkSync(file, { encoding: 'buffer' }).toString('base64') };
  } else if (status.isDirectory()) {
    return { ...node, type: 'dir' };
  } else if (status.isFIFO()) {
    return { ...node, type: 'fifo' };
  }
  return { ...node, type: 'reg', size: status.size, sha256: digest(file) };
}

function digest(file) {
  const sha256 = createHash('sha256');
  const part = Buffer.alloc(1 << 20);
  const open = fs.openSync(file);
  try {
    for (let size = fs.readSync(open, part); size > 0; size = fs.readSync(open, part)) {
      sha256.update(part.subarray(0, size));
    }
  } finally {
    fs.closeSync(open);
  }
  return sha256.digest('hex');
}

function join(root, at) {
  return Buffer.concat([Buffer.from(`${root}/`), at]);
}

function remove(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // The owner of a folder may not be allowed to write to it.
    spawnSync('chmod', ['-R', 'u+rwx', folder]);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { LACKS, unpacked, written };

/// <reference types="node" />

/** Inputs. Fields have the names of the case files; numbers of 64 bits are bigint, and bytes are decoded. */
export interface FooterInput {
  /** The last 72 bytes of the blob, or all of a smaller one. */
  tail: Uint8Array;
  blob_size: bigint;
}
export interface AnnotationsInput {
  annotations: Record<string, string>;
}
export interface TocInput {
  json: Uint8Array;
  dialect: string;
}
export interface TarSplitInput {
  json: Uint8Array;
}
export interface AssembleInput {
  tar_split: Uint8Array;
  files: { name: Uint8Array; content: Uint8Array }[];
}
export interface TarInput {
  tar: Uint8Array;
}
export interface DecompressInput {
  blob: Uint8Array;
}
export interface IndexInput {
  blob: Uint8Array;
  annotations: Record<string, string>;
  /** Null where the descriptor is not known. */
  media_type: string | null;
}
export interface ReconstructInput extends IndexInput {
  /** Null where the image is not known. */
  diff_id: string | null;
}
export interface EStargzFooterInput {
  /** The last 51 bytes of the blob, or all of a smaller one. */
  tail: Uint8Array;
  blob_size: bigint;
}
export interface EStargzTocInput {
  json: Uint8Array;
}

/** A number of an output; a number has to be a safe integer. */
export type Count = bigint | number;

export interface Position {
  /** That of the payload, 8 bytes past the start of its skippable frame. */
  offset: Count;
  length: Count;
  uncompressed: Count;
}
export interface FooterOutput {
  layout: 'v40' | 'v56' | 'v64';
  toc: Position;
  tar_split?: Position | null;
}
export interface AnnotationsOutput {
  index: 'none' | 'zstd:chunked' | 'estargz';
  toc_digest?: string | null;
  toc?: Position | null;
  tar_split?: Position | null;
}
export interface Chunk {
  offset: Count;
  end_offset?: Count | null;
  inner_offset?: Count | null;
  chunk_offset: Count;
  size: Count;
  digest?: string | null;
  zeros: boolean;
}
export interface Entry {
  type: 'reg' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  /** The path from the root, cleaned. */
  name: string;
  link_name?: string;
  mode: Count;
  size: Count;
  uid: Count;
  gid: Count;
  user_name?: string;
  group_name?: string;
  /** UTC as in RFC 3339, with at most nine digits of a fraction and no trailing zeros in it. */
  modtime?: string | null;
  accesstime?: string | null;
  changetime?: string | null;
  dev_major?: Count;
  dev_minor?: Count;
  xattrs?: Record<string, Uint8Array>;
  digest?: string | null;
  chunks?: Chunk[];
}
export interface TocOutput {
  tar_split_digest?: string | null;
  entries: Entry[];
}
export type TarSplitEntry = { segment: Uint8Array } | { file: { name: Uint8Array; size: Count; crc64?: string | null } };
export interface TarSplitOutput {
  entries: TarSplitEntry[];
}
export interface TarOutput {
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
  size: Count;
}
export interface IndexOutput {
  toc_digest: string;
  entries: Entry[];
}
export interface ReconstructOutput extends TarOutput {
  toc_digest: string;
}
export interface EStargzFooterOutput {
  layout: 'estargz' | 'legacy' | 'external';
  toc_offset?: Count | null;
}
export interface EStargzTocOutput {
  entries: Entry[];
}
/** One path of a tree. What does not apply to its type is absent. */
export interface TreeEntry {
  /** From the root, cleaned, and empty for the root. */
  path: Uint8Array;
  type: 'reg' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo';
  /** Of the content of a regular file. */
  size?: Count;
  /** Likewise, 64 lower-case hexadecimal digits. */
  sha256?: string;
  /** The target of a symbolic link. */
  link?: Uint8Array;
  /** A symbolic link has none. */
  mode?: Count;
  uid: Count;
  gid: Count;
  /** Seconds since 1970 in decimal, with at most nine digits of a fraction and no trailing zeros in it. */
  mtime: string;
  dev_major?: Count;
  dev_minor?: Count;
  /** Values by the base64 of their names. */
  xattrs?: Record<string, Uint8Array>;
}
export interface TreeOutput {
  /** In the order of the bytes of their paths, each path once. */
  entries: TreeEntry[];
}

/**
 * The operations with their inputs and outputs. What `tarsplit/disassemble` and `layer/write` make is not compared with other bytes:
 * read it back, and answer with `tarOutput` of the tar that it gives.
 */
export interface Types {
  'footer/parse': [FooterInput, FooterOutput];
  'annotations/parse': [AnnotationsInput, AnnotationsOutput];
  'toc/parse': [TocInput, TocOutput];
  'tarsplit/parse': [TarSplitInput, TarSplitOutput];
  'tarsplit/assemble': [AssembleInput, TarOutput];
  'tarsplit/disassemble': [TarInput, TarOutput];
  'layer/decompress': [DecompressInput, TarOutput];
  'layer/index': [IndexInput, IndexOutput];
  'layer/reconstruct': [ReconstructInput, ReconstructOutput];
  'layer/write': [TarInput, TarOutput];
  'estargz/footer': [EStargzFooterInput, EStargzFooterOutput];
  'estargz/toc': [EStargzTocInput, EStargzTocOutput];
  'tar/list': [TarInput, TreeOutput];
}
export type Op = keyof Types;

/** A test case. */
export interface Case<O extends Op = Op> {
  /** The stable name. */
  readonly id: string;
  readonly op: O;
  /** What the case is, in a few words. */
  readonly title: string;
  /** What goes wrong in an implementation that answers wrongly. */
  readonly why: string;
  /** Ids of rules, the primary one first. */
  readonly rules: string[];
  /** The dialects in which the case means something. */
  readonly dialects: string[];
  readonly tags: string[];
  /** The accepted case from which an invalid one differs by one change. */
  readonly twinId: string | null;
  readonly twin: Case<O> | null;
  /** That change. */
  readonly change: string;
  /** The class of harm that a wrong answer does. */
  readonly severity: string;
  /** The input. Large ones are made anew each time. */
  readonly input: Types[O][0];
  /** The input as JSON. */
  readonly rawInput: unknown;
  /** Seconds, which judging compares, and bytes of memory, which this package does not measure; `chunkproof run` does. */
  readonly limits: { seconds: number; memory: bigint } | null;
  /** What to answer; the output as JSON, and further right outputs of an `either` case by the names of readings. */
  readonly expect: {
    verdict: 'valid' | 'invalid' | 'either';
    choice?: string;
    output?: unknown;
    readings?: Record<string, unknown>;
  };
  readonly provenance: Record<string, unknown>;
}

/** The version of the shape of the files that this package reads. */
export const SCHEMA: number;
/** The operations in the order of the set. */
export const OPS: readonly Op[];
/** The cases of an operation in the order of their ids. */
export function cases<O extends Op>(op: O): Case<O>[];
/** The case with this id. */
export function find(id: string): Case;
/** The rules in the order of the specification. */
export function rules(): { id: string; level: string; severity: string; text: string }[];
/** The choices that the format leaves to a reader, some with readings: what those do who accept and read the input in another way. */
export function choices(): {
  id: string;
  accept: string;
  reject: string;
  readings?: Record<string, string>;
  reference: string;
}[];
/** The labels of cases. */
export function tags(): { id: string; text: string }[];
/** Bugs that released implementations had. */
export function bugs(): { id: string; implementation: string; last: string; fixed: string | null; text: string; links: string[] }[];
/** The cases that were retired. */
export function tombstones(): { id: string; reason: string; replaced_by: string | null }[];

/** The result of a case, by the names of docs/protocol.md. */
export type Result =
  | 'pass'
  | 'lenient'
  | 'strict'
  | 'declined'
  | 'vacuous'
  | 'unsupported'
  | 'not-judged'
  | 'wrong-verdict'
  | 'wrong-output'
  | 'choice-conflict'
  | 'crash'
  | 'timeout';

/** Whether the implementation is wrong. */
export function isFailure(result: Result): boolean;
/** Whether the case counts as passed. */
export function isCredited(result: Result): boolean;

/** The implementation rejects the input. */
export class Rejection extends Error {}
/** The implementation falls back to a full download. */
export class Decline extends Error {}

/** What is under test. */
export interface Implementation {
  /** The operations, each with the dialects that it knows, all of them if none are named. */
  operations: {
    [O in Op]?: { dialects?: string[]; answer(input: Types[O][0]): Types[O][1] | Promise<Types[O][1]> };
  };
  /** Whether an error is a rejection; by default a `Rejection` is one. `Decline` declines, and every other error is a crash. */
  rejects?(error: unknown): boolean;
  /**
   * Declared choices, each `accept`, `reject` or the name of a reading that the choice has. One that is not declared has to be decided
   * the same way in all its cases.
   */
  choices?: Record<string, string>;
  /** Reasons of known failures by patterns of ids, in which * stops at a slash and ** does not. */
  expectedFailures?: Record<string, string>;
}

/** The results of an implementation. It asks when a result is needed, and once for each case. */
export class Judge {
  constructor(implementation: Implementation);
  /** The cases of the operations that are implemented. */
  readonly cases: Case[];
  /** The result of a case, and what there is to say about it. */
  judge(one: Case): Promise<{ result: Result; note: string }>;
  /** The reason why the case is known to fail, or null. */
  expectedFailure(one: Case): string | null;
}

/** A tar as output. */
export function tarOutput(tar: Uint8Array): { sha256: string; size: bigint };

interface TestContext {
  skip(message?: string): void;
  todo(message?: string): void;
}

/**
 * Registers a test for each case. Nothing passes that was not judged: a case that does not apply or earns no credit and an operation
 * that is not implemented are skipped with the reason, and a known failure is a `todo`.
 */
export function run(
  test: (name: string, body: (t: TestContext) => Promise<void>) => unknown,
  implementation: Implementation,
): void;

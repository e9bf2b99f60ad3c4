/** Reads SQLite's write-ahead log from beside. Format: sqlite.org/fileformat2.html#the_write_ahead_log */
import { closeSync, openSync, readSync } from "node:fs";

export interface WalPosition {
  /** Changes whenever the log begins again from its start. */
  readonly round: string;
  /** Written in this round: frames with their headers, and the header of the log. */
  readonly bytes: number;
}

const headerBytes = 32;
const frameHeaderBytes = 24;

/** Where the log ends now. Throws when there is none. */
export function readWalPosition(path: string): WalPosition {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, headerBytes, 0);
    const pageBytes = header.readUInt32BE(8);
    const salts = header.subarray(16, 24);
    const frame = Buffer.alloc(frameHeaderBytes);
    let position = headerBytes;
    // Frames behind the end are of an earlier round, and have other salts.
    while (
      readSync(file, frame, 0, frameHeaderBytes, position) === frameHeaderBytes &&
      frame.subarray(8, 16).equals(salts)
    ) {
      position += frameHeaderBytes + pageBytes;
    }
    return { round: salts.toString("hex"), bytes: position };
  } finally {
    closeSync(file);
  }
}

import { type Format, save } from './export';

/** Where an export goes, piece by piece. */
export interface Target {
  write(text: string): Promise<void>;
  /** Leaves all that was written to the person. */
  close(): Promise<void>;
  /** Leaves nothing of it. */
  drop(): Promise<void>;
}

/** A file that the browser does not write. */
export class Unwritable extends Error {
  override name = 'Unwritable';
}

// What some browsers have of https://wicg.github.io/file-system-access/, on pages that
// came safely: a file that the person chooses is written as its content comes.
interface ChosenFile extends FileSystemFileHandle {
  remove?(): Promise<void>;
}

interface Chooser {
  showSaveFilePicker?(options: { suggestedName: string; types: { accept: Record<string, string[]> }[] }): Promise<ChosenFile>;
}

const mediaTypes: Record<Format, string> = { csv: 'text/csv', json: 'application/json' };

/**
 * Asks the person for a file to write to, as it goes on, where the browser has that;
 * elsewhere the file is made when all has come. Throws an AbortError where the person
 * wants none.
 */
export async function openTarget(name: string, format: Format): Promise<Target> {
  const chooser = window as Chooser;
  if (!chooser.showSaveFilePicker) return download(name, format);
  let file: ChosenFile;
  try {
    file = await chooser.showSaveFilePicker({ suggestedName: name, types: [{ accept: { [mediaTypes[format]]: [`.${format}`] } }] });
  } catch (error) {
    // A page in another site's frame may not ask.
    if (error instanceof DOMException && error.name === 'SecurityError') return download(name, format);
    throw error;
  }
  return written(file);
}

/** A download. Its pieces are Blobs, which may lie on disk, where a long text would stay in memory. */
export function download(name: string, format: Format): Target {
  const parts: Blob[] = [];
  return {
    write: async (text) => void parts.push(new Blob([text])),
    close: async () => save(new Blob(parts, { type: mediaTypes[format] }), name),
    drop: async () => void parts.splice(0),
  };
}

/** A file on disk. The browser puts what is written into the file when it is closed. */
async function written(file: ChosenFile): Promise<Target> {
  const stream = await told(file.createWritable());
  return {
    write: (text) => told(stream.write(text)),
    close: () => told(stream.close()),
    async drop() {
      await stream.abort().catch(() => undefined); // it may have failed before
      // The browser made the file when it was chosen, or emptied it.
      if (file.remove && (await file.getFile()).size === 0) await file.remove();
    },
  };
}

async function told<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw new Unwritable(`The file cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

import { bytesIn, sizeText } from '../model/values';
import type { InputProps } from './ValueInput';

/** Bytes, from a file. */
export function BytesInput({ draft, onDraft, id, label, unset, invalid, describedBy }: InputProps) {
  const read = async (file: File | undefined) => onDraft(file ? encode(new Uint8Array(await file.arrayBuffer())) : undefined);
  return (
    <span className="pair">
      <input
        type="file"
        id={id}
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        onChange={(e) => void read(e.target.files?.[0])}
      />
      <span className="null">{typeof draft === 'string' ? sizeText(bytesIn(draft)) : draft === null ? 'null' : unset}</span>
    </span>
  );
}

/** Bytes in base64. */
export function encode(bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

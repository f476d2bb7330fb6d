import './controls.css';

import { useEffect, useState } from 'react';

/** A button that copies a text, and says that it has. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, say] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(''), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('The browser does not let this page copy'), // as it does on http beyond localhost
    );
  return (
    <button type="button" className="button small" onClick={() => void copy()} aria-live="polite">
      {said || label}
    </button>
  );
}

/**
 * Says what the parts of GraphiQL are that do not say so themselves, so that they can
 * be used by screen reader and keyboard: its tabs, and the fields of its explorer.
 * Returns what ends that.
 */
export function nameParts(container: HTMLElement): () => void {
  const name = () => {
    nameTabs(container);
    for (const explorer of container.querySelectorAll('.graphiql-explorer-root')) nameExplorer(explorer);
  };
  const observer = new MutationObserver(name);
  observer.observe(container, { subtree: true, childList: true, attributeFilter: ['role', 'aria-selected'] });
  container.addEventListener('keydown', pressPart);
  name();
  return () => {
    observer.disconnect();
    container.removeEventListener('keydown', pressPart);
  };
}

/** The tabs are a list of buttons, of which one is current. GraphiQL calls what is around each button a tab. */
function nameTabs(container: Element): void {
  for (const list of container.querySelectorAll('[role="tablist"].graphiql-tabs')) list.setAttribute('role', 'list');
  for (const tab of container.querySelectorAll('.graphiql-tabs > [role="tab"]')) tab.setAttribute('role', 'listitem');
  for (const tab of container.querySelectorAll('.graphiql-tabs > [aria-selected]')) {
    const selected = tab.getAttribute('aria-selected') ?? 'false';
    tab.removeAttribute('aria-selected');
    tab.querySelector('button')?.setAttribute('aria-current', selected);
  }
}

/** What the explorer lets a mouse press is a button, and what it asks for has the name of its argument. */
function nameExplorer(explorer: Element): void {
  for (const part of explorer.querySelectorAll('span[style*="cursor: pointer"]:not([role])')) {
    if (part.querySelector('input, select, button')) continue;
    part.setAttribute('role', 'button');
    part.setAttribute('tabindex', '0');
    if (!part.textContent?.trim()) part.setAttribute('aria-label', nameIn(part));
  }
  for (const input of explorer.querySelectorAll('input:not([aria-label]), select:not([aria-label])')) input.setAttribute('aria-label', nameIn(input));
}

/** The name of the field or argument that a part of the explorer belongs to. */
function nameIn(part: Element): string {
  const argument = part.closest('[data-arg-name]')?.getAttribute('data-arg-name');
  const field = part.closest('[class*="graphiql-explorer-"]:not(.graphiql-explorer-root)')?.className.match(/graphiql-explorer-(\w+)/)?.[1];
  return argument ?? field ?? 'Kind of operation';
}

function pressPart(event: KeyboardEvent): void {
  const part = event.target;
  if (!(part instanceof HTMLElement) || !part.matches('.graphiql-explorer-root [role="button"]')) return;
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  part.click();
}

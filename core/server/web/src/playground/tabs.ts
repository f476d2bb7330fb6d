/**
 * Tells a screen reader what GraphiQL's tabs are: a list of buttons, of which one is
 * current. GraphiQL calls each a tab, and puts buttons in it, which nobody who goes by
 * these roles could reach.
 */
export function nameTabs(container: HTMLElement): () => void {
  const name = () => {
    for (const list of container.querySelectorAll('[role="tablist"].graphiql-tabs')) list.setAttribute('role', 'list');
    for (const tab of container.querySelectorAll('.graphiql-tabs > [role="tab"]')) tab.setAttribute('role', 'listitem');
    for (const tab of container.querySelectorAll('.graphiql-tabs > [aria-selected]')) {
      const selected = tab.getAttribute('aria-selected') ?? 'false';
      tab.removeAttribute('aria-selected');
      tab.querySelector('button')?.setAttribute('aria-current', selected);
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(container, { subtree: true, childList: true, attributeFilter: ['role', 'aria-selected'] });
  name();
  return () => observer.disconnect();
}

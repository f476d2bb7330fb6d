import { operationIn } from '../shared/address';
import { mount } from '../shared/mount';
import { Playground } from './Playground';

const opened = operationIn(location);
if (opened) history.replaceState(null, '', '/'); // it is in a tab now

mount(<Playground first={await firstQuery()} opened={opened} />);

/** What the server has made of the schemas to begin with. */
async function firstQuery(): Promise<string> {
  try {
    const response = await fetch('/assets/first.graphql');
    if (response.ok) return await response.text();
  } catch {
    // the page tells of a lost server once something is asked of it
  }
  return '{\n  __typename\n}\n';
}

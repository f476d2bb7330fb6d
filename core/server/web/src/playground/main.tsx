import { mount } from '../shared/mount';

mount(<h1>Playground</h1>);

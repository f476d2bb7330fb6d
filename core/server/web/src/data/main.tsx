import { mount } from '../shared/mount';

mount(<h1>Data</h1>);

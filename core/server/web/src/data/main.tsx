import './data.css';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';

import { mount } from '../shared/mount';
import { App } from './App';

// A request that failed is sent again when a person says so. What was read stays
// good for the moment of going back; a write forgets all of it.
const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: false, networkMode: 'always' }, mutations: { networkMode: 'always' } } });

mount(
  <QueryClientProvider client={client}>
    <App />
  </QueryClientProvider>,
);

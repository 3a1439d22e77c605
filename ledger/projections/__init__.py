"""What is now true: tables that may be dropped and made again from the log at any time.

The state of an incident is a pure function of the events of its stream, of the incidents that
were merged into it, and of the sources that it cites. So there is one way to bring it up to
date, live or in a rebuild: gather the streams that new events touch, and project each anew.

It may import `store` and what is below it. In reading order:

- `standing`: what of a stream's events still stands, after retractions
- `incidents`: from an incident's events to its header, statements and tolls; pure
- `revisions`: an incident as it stands after a revision
- `plain`: the same, shorter, for incidents of one event: nearly all of a dataset
- `registers`: the same for sources, tallies, published totals and batches
- `runner`: brings the tables up to date with new events, in the append's own transaction
- `outcome`: the state that an append would leave; `rules` and `taking_back`: what it may not be
- `tables`: the shape of the tables; `documents`: what their JSON columns hold
- `state`: reads single things back, for those who ask
"""

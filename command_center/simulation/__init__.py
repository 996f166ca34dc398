"""Simulated people: a month of history for a demo, and a live trickle, through the same verbs as real people.

matters      what is reported, and in which words
world        the county as the simulation sees it: grids to report from, people to act
temper       how a ticket will fare, drawn when it is reported; fate: what happens to a few beside the main line
moves        one action of one person
behaviour    what the person whose turn it is does next with a ticket; byways: beside the main line
pace         when they do it
arrivals     when reports come in
history      all of it in simulated time; keeping, publishing and summary are its tools
trickle      all of it in real time, beside real people
"""

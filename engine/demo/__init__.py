"""`vaxel demo`: a city that rings. Citizens who call, agents who answer, and departments, all by real SIP from outside.

    exchange, line, ear    telephones: calls of the demonstration's own, what is said into them and heard of them
    sentences, voices      what people say
    town, walk             what everybody knows of the city; a caller's way through a flow
    citizens, talking      those who ring
    agents, serving        those who serve, through the API like any desk
    departments            those who are connected to
    tempo                  how fast the day goes
    client, board          the API and its event stream; the picture they give
    words, screen          that picture for people
    checking               what the demonstration refuses
    running, command       all of it together

Nothing here is part of serving calls, and nothing of Vaxel knows of it.
"""

"""The supervisor's hand on the floor: limits that colour and ring, words to many, wall displays, queues lent for a while, the waiting moved."""

"""Which GPIO is what on a Pico, one place. Inputs are closed to ground and pulled up outside (RP2350-E9)."""

TIMELINE = 0  # six in a row: needle step and dir or valve out and back, plunger step and dir, stop step and dir
TIMELINE_PINS = 6
NEEDLE_ENCODER = 6  # A, and B on the next
PLUNGER_ENCODER = 8
ESTOP = 10  # the normally closed loop: low while closed, so that a broken wire is a pressed button
TRIGGER_A, TRIGGER_B = 11, 12
CONTACT_A, CONTACT_B = 13, 14
HOME = 15
FRAM_IN, FRAM_SELECT, FRAM_CLOCK, FRAM_OUT = 16, 17, 18, 19
CLEAR = 20  # the button at the gun: held while the gun is plugged in, it is the maintenance button
ENABLE = 21  # pulled low outside: off
DUMP = 22  # energised = closed
PRESSURE = 26  # ADC 0: air pressure (stepper drive: a divider) through the switch that the syringe closes
LAMP = 27  # two WS2811: the lamp, then the sounder
DRIVE = 28  # ADC 2: the depth stop's potentiometer, pneumatic; 1/11 of the motors' supply, stepper
LOGIC = 29  # ADC 3, a third of VSYS, wired on the Pico

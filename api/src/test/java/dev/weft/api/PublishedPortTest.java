package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedPortTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            8080:80                                                    | published=8080,target=80,protocol=tcp
            8080:80/tcp                                                | published=8080,target=80,protocol=tcp
            8080:80/udp                                                | published=8080,target=80,protocol=udp
            9:9/sctp                                                   | published=9,target=9,protocol=sctp
            1:65535                                                    | published=1,target=65535,protocol=tcp
            08080:0080                                                 | published=8080,target=80,protocol=tcp
            8080-8089:80-89                                            | published=8080-8089,target=80-89,protocol=tcp
            8080-8080:80                                               | published=8080,target=80,protocol=tcp
            1-65535:1-65535/udp                                        | published=1-65535,target=1-65535,protocol=udp
            127.0.0.1:8080:80                                          | published=8080,target=80,protocol=tcp,bind=127.0.0.1
            192.0.2.1:8080-8081:80-81/udp                              | published=8080-8081,target=80-81,protocol=udp,bind=192.0.2.1
            0.0.0.0:8080:80                                            | published=8080,target=80,protocol=tcp,bind=0.0.0.0
            [::1]:8080:80                                              | published=8080,target=80,protocol=tcp,bind=0:0:0:0:0:0:0:1
            [2001:db8::5]:53:5353/udp                                  | published=53,target=5353,protocol=udp,bind=2001:db8:0:0:0:0:0:5
            eth0:8080:80                                               | published=8080,target=80,protocol=tcp,bind=eth0
            eth0.100:8080:80/sctp                                      | published=8080,target=80,protocol=sctp,bind=eth0.100
            published=8080,target=80                                   | published=8080,target=80,protocol=tcp
            target=80,published=8080                                   | published=8080,target=80,protocol=tcp
            published=8080,target=80,protocol=tcp,mode=ingress         | published=8080,target=80,protocol=tcp
            published=8080,target=80,protocol=udp,mode=host            | published=8080,target=80,protocol=udp,mode=host
            published=8080-8082,target=80-82,mode=host,protocol=sctp   | published=8080-8082,target=80-82,protocol=sctp,mode=host
            published=8080,target=80,bind=127.0.0.1                    | published=8080,target=80,protocol=tcp,bind=127.0.0.1
            published=8080,target=80,bind=::1                          | published=8080,target=80,protocol=tcp,bind=0:0:0:0:0:0:0:1
            published=8080,target=80,bind=[::1]                        | published=8080,target=80,protocol=tcp,bind=0:0:0:0:0:0:0:1
            published=8080,target=80,mode=host,bind=eth1               | published=8080,target=80,protocol=tcp,mode=host,bind=eth1
            """)
    void shouldTakeEachForm(String text, String meaning) {
        PublishedPort port = PublishedPort.parse(text);

        assertEquals(meaning, port.toString());
        assertEquals(port, PublishedPort.parse(port.toString()), "what it writes it reads");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                                          | names one port
            8080                                        | names one port
            :80                                         | '' is not a published port
            8080:                                       | '' is not a target port
            0:80                                        | published port 0 is out of range
            65536:80                                    | published port 65536 is out of range
            8080:65536                                  | target port 65536 is out of range
            8080:123456                                 | '123456' is not a target port
            -1:80                                       | '-1' is not a published port
            8080:http                                   | 'http' is not a target port
            8080:80/icmp                                | protocol 'icmp' cannot be published
            8080:80/TCP                                 | protocol 'TCP' cannot be published
            8080:80/                                    | protocol '' cannot be published
            8080-8089:80                                | 10 published and 1 target ports
            8080:80-89                                  | 1 published and 10 target ports
            8080-8089:80-88                             | 10 published and 9 target ports
            8089-8080:80-89                             | range 8089-8080 ends before it begins
            8080-:80                                    | '8080-' is not a published port
            8080-8089-8099:80                           | '8080-8089-8099' is not a published port
            65530-65540:1-11                            | published port 65530-65540 is out of range
            300.0.0.1:8080:80                           | '300.0.0.1' is neither an address nor an interface
            10.1:8080:80                                | '10.1' is neither an address nor an interface
            ::1:8080:80                                 | put an IPv6 address in brackets
            [::1:8080:80                                | ends with ']:'
            [10.0.0.zz]:8080:80                         | '[10.0.0.zz]' is neither an address nor an interface
            [fe80::1%eth0]:8080:80                      | '[fe80::1%eth0]' is neither an address nor an interface
            [::1]:eth0:8080:80                          | too many ':'
            a-name-that-is-too-long:8080:80             | interface name 'a-name-that-is-too-long' is not valid
            :8080:80                                    | interface name '' is not valid
            224.0.0.1:8080:80                           | 224.0.0.1, which is a multicast address
            10.0.0.1:8080                               | '10.0.0.1' is not a published port
            published=8080                              | does not say 'target'
            target=80                                   | does not say 'published'
            published=8080,target=80,                   | '' is not KEY=VALUE
            published=8080,target=80,host               | 'host' is not KEY=VALUE
            published=8080,target=80,=host              | '=host' is not KEY=VALUE
            published=8080,published=8081,target=80     | says 'published' twice
            published=8080,target=80,mode=vip           | no mode 'vip'
            published=8080,target=80,mode=HOST          | no mode 'HOST'
            published=8080,target=80,protocol=icmp      | protocol 'icmp' cannot be published
            published=8080,target=80,name=web           | no key 'name'
            published=,target=80                        | '' is not a published port
            published=8080-8081,target=80               | 2 published and 1 target ports
            published=8080,target=80,bind=              | interface name '' is not valid
            published=8080,target=80,bind=1.2.3         | '1.2.3' is neither an address nor an interface
            """)
    void shouldRefuseWhatIsNoForm(String text, String why) {
        String message = assertThrows(WeftException.InvalidSpec.class, () -> PublishedPort.parse(text)).getMessage();

        assertTrue(message.contains(why), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            8080:80                | 8080:81                                 | true
            8080:80                | 8080:80/udp                             | false
            8080:80                | 8081:80                                 | false
            8080-8089:80-89        | 8089:1                                  | true
            8080-8089:80-89        | 8090:1                                  | false
            8080-8089:80-89        | 8000-9000:1000-2000                     | true
            127.0.0.1:8080:80      | 8080:80                                 | true
            127.0.0.1:8080:80      | 192.0.2.1:8080:80                       | false
            127.0.0.1:8080:80      | 127.0.0.1:8080:81                       | true
            0.0.0.0:8080:80        | 192.0.2.1:8080:80                       | true
            0.0.0.0:8080:80        | [::1]:8080:80                           | false
            [::]:8080:80           | [::1]:8080:80                           | true
            [::]:8080:80           | 8080:80                                 | true
            eth0:8080:80           | eth1:8080:80                            | false
            eth0:8080:80           | eth0:8080:80                            | true
            eth0:8080:80           | 127.0.0.1:8080:80                       | true
            eth0:8080:80           | 8080:80                                 | true
            8080:80                | published=8080,target=80,mode=host      | true
            """)
    void shouldTellWhichPortsMeet(String one, String other, boolean meet) {
        assertEquals(meet, PublishedPort.parse(one).overlaps(PublishedPort.parse(other)));
        assertEquals(meet, PublishedPort.parse(other).overlaps(PublishedPort.parse(one)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 0, 1", "65536, 1, 1", "1, 65536, 1", "65535, 1, 2", "1, 65535, 2", "1, 1, 0", "1, 1, -1", "1, 1, 65536",
        "2, 2, 2147483647"})
    void shouldRefuseRangesThatAreNone(int published, int target, int count) {
        assertThrows(WeftException.InvalidSpec.class, () -> new PublishedPort(PortProtocol.TCP, published, target, count, PublishMode.INGRESS,
                Optional.empty(), Optional.empty()));
    }

    @Test
    void shouldRefuseToPublishAPortTwice() {
        List<PublishedPort> twice = List.of(PublishedPort.parse("80:80"), PublishedPort.parse("79-81:1-3"));

        String message = assertThrows(WeftException.InvalidSpec.class, () -> new Publication(twice, false)).getMessage();

        assertTrue(message.contains("publish the same port twice"), message);
    }
}
